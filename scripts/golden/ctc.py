"""CTC: losses of samples with their gradients, and decoding.

`lengths` are the steps of each sample that count; Backtime is given a mask of them.
"""

from common import exact, generator, jax, keras, np, tensor, write

losses, ops = keras.losses, keras.ops


def mean_loss(labels, outputs, weight):
    return losses.CTC()(labels, outputs, sample_weight=weight)


def with_lengths(labels, outputs, lengths, mask_index):
    """`ops.ctc_loss`, which is given lengths and the index of the blank."""
    count = np.sum(labels != mask_index, axis=-1)
    return jax.numpy.mean(ops.ctc_loss(labels, outputs, count, lengths, mask_index=mask_index))


def case(name, labels, outputs, weight=None, lengths=None, mask_index=0):
    def value(outputs):
        if lengths is None and mask_index == 0:
            return mean_loss(labels, outputs, weight)
        return with_lengths(labels, outputs, lengths if lengths is not None else np.full(len(labels), outputs.shape[1]), mask_index)

    optional = lambda array: None if array is None else tensor(array)  # noqa: E731
    return {
        "name": name,
        "maskIndex": mask_index,
        "labels": tensor(labels),
        "outputs": tensor(outputs),
        "weight": optional(weight),
        "lengths": optional(lengths),
        "loss": float(value(outputs)),
        "gradient": tensor(jax.grad(value)(jax.numpy.asarray(outputs))),
    }


def loss_cases(rng):
    labels = np.array([[1, 2, 3], [3, 3, 0], [2, 0, 0], [0, 0, 0]])
    outputs = exact(rng, 4, 7, 5, scale=2)
    yield case("labels of several lengths, repeated and none", labels, outputs)
    yield case("weights", labels, outputs, weight=np.abs(exact(rng, 4)))
    yield case("lengths of the outputs", labels, outputs, lengths=np.array([7, 4, 3, 1]))
    yield case("the last class as the blank", np.array([[1, 0, 3], [0, 0, 4], [4, 4, 4]]), exact(rng, 3, 6, 5), mask_index=4)
    yield case("labels that fill the steps", np.array([[1, 2, 1, 2, 1]]), exact(rng, 1, 5, 3))
    yield case("repeated labels that fill the steps", np.array([[2, 2, 2]]), exact(rng, 1, 5, 3))
    yield case("large scores", labels, exact(rng, 4, 7, 5) * 64)
    yield case("many steps", rng.integers(1, 4, (2, 12)), exact(rng, 2, 60, 4, scale=3))


def decode_cases(rng):
    for name, shape, lengths, options in [
        ("greedy", (3, 9, 4), [9, 9, 9], {}),
        ("greedy with lengths", (3, 9, 4), [9, 4, 1], {}),
        ("greedy, repeated", (2, 12, 3), [12, 12], {"merge_repeated": False}),
        ("greedy, another blank", (2, 12, 3), [12, 10], {"mask_index": 2}),
        ("beam", (3, 8, 4), [8, 8, 8], {"strategy": "beam_search", "beam_width": 40, "top_paths": 3}),
        ("beam with lengths", (3, 8, 4), [8, 5, 1], {"strategy": "beam_search", "beam_width": 20, "top_paths": 2}),
        ("narrow beam", (4, 10, 5), [10] * 4, {"strategy": "beam_search", "beam_width": 3, "top_paths": 2}),
        ("beam, another blank", (2, 7, 3), [7, 7], {"strategy": "beam_search", "beam_width": 30, "mask_index": 2}),
    ]:
        outputs = exact(rng, *shape, scale=1.5)
        paths, scores = ops.ctc_decode(outputs, np.array(lengths), **options)
        strategy = "beamSearch" if "strategy" in options else "greedy"
        given = {"beam_width": "beamWidth", "top_paths": "topPaths", "merge_repeated": "mergeRepeated", "mask_index": "maskIndex"}
        yield {
            "name": name,
            "outputs": tensor(outputs),
            "options": {"strategy": strategy, "sequenceLengths": lengths, **{given[key]: value for key, value in options.items() if key in given}},
            "paths": [[[int(label) for label in path if label >= 0] for path in sample] for sample in np.asarray(paths).transpose(1, 0, 2)],
            "scores": np.asarray(scores).tolist(),
        }


def main():
    rng = generator("ctc")
    write("ctc", {"losses": list(loss_cases(rng)), "decoded": list(decode_cases(rng))})
