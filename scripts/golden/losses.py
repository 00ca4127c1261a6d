"""Losses: value and gradient with sample weights, temporal masks and extreme predictions.

`kind` is the kernel's name for the loss. Rows of `prediction` are all its axes but the last.
"""

from common import exact, generator, jax, keras, np, tensor, write
from keras.src import backend

losses = keras.losses


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def case(name, kind, loss, target, prediction, weight=None, mask=None):
    def value(prediction):
        prediction = jax.numpy.asarray(prediction) + 0.0
        if mask is not None:
            backend.set_keras_mask(prediction, jax.numpy.asarray(mask))
        return loss(target, prediction, sample_weight=weight)

    # The kernel takes one weight a row: a weight of shape [B] is repeated over the steps, as Keras broadcasts it.
    optional = lambda array: None if array is None else tensor(array)  # noqa: E731
    return {
        "name": f"{kind} {name}",
        "kind": kind,
        "prediction": tensor(prediction),
        "target": tensor(target),
        "weight": optional(weight),
        "mask": optional(mask),
        "loss": float(value(prediction)),
        "gradient": tensor(jax.grad(value)(prediction)),
    }


def regression(rng):
    # No prediction equals its target: the derivative of |x| at 0 is 1 in JAX but 0 in TensorFlow and PyTorch.
    for kind, loss in [("meanSquaredError", losses.MeanSquaredError()), ("meanAbsoluteError", losses.MeanAbsoluteError())]:
        target, prediction = exact(rng, 7, 3), exact(rng, 7, 3)
        yield case("rows", kind, loss, target, prediction)
        yield case("weights", kind, loss, target, prediction, weight=np.abs(exact(rng, 7)))
        yield case("one output", kind, loss, exact(rng, 6, 1), exact(rng, 6, 1), weight=np.abs(exact(rng, 6)))
        yield from temporal(rng, kind, loss, exact(rng, 3, 4, 2), exact(rng, 3, 4, 2))
        yield case("large", kind, loss, exact(rng, 3, 2), exact(rng, 3, 2) * 4096)


def temporal(rng, kind, loss, target, prediction):
    """The same data with temporal weights, a temporal mask, both, and a mask that hides everything."""
    shape = prediction.shape[:2]
    mask = rng.random(shape) < 0.6
    mask[0, 0] = True
    mask[-1, -1] = False
    weight = np.abs(exact(rng, *shape))
    yield case("temporal", kind, loss, target, prediction)
    yield case("temporal weights", kind, loss, target, prediction, weight=weight)
    yield case("temporal mask", kind, loss, target, prediction, mask=mask)
    yield case("temporal weights and mask", kind, loss, target, prediction, weight=weight, mask=mask)
    yield case("temporal mask of zeros", kind, loss, target, prediction, mask=np.zeros(shape, dtype=bool))


def binary(rng):
    logits_kind, kind = "binaryCrossentropyFromLogits", "binaryCrossentropy"
    from_logits, loss = losses.BinaryCrossentropy(from_logits=True), losses.BinaryCrossentropy()
    sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    labels = lambda *shape: rng.integers(0, 2, shape).astype("float64")  # noqa: E731
    for name, target, z, weight in [
        ("one output", labels(7, 1), exact(rng, 7, 1, scale=2), None),
        ("weights", labels(7, 1), exact(rng, 7, 1, scale=2), np.abs(exact(rng, 7))),
        ("several outputs", labels(5, 3), exact(rng, 5, 3, scale=2), None),
        ("soft targets", np.abs(exact(rng, 5, 2)) % 1, exact(rng, 5, 2), None),
    ]:
        yield case(name, logits_kind, from_logits, target, z, weight)
        yield case(name, kind, loss, target, sigmoid(z), weight)
    target, z = labels(3, 4, 1), exact(rng, 3, 4, 1, scale=2)
    yield from temporal(rng, logits_kind, from_logits, target, z)
    yield from temporal(rng, kind, loss, target, sigmoid(z))
    extreme = np.array([[-1000.0], [1000.0], [-80.0], [80.0], [-20.0], [20.0], [0.0], [-1000.0], [1000.0]])
    yield case("extreme", logits_kind, from_logits, np.array([[1.0], [1], [1], [0], [0], [1], [0], [0], [0]]), extreme)
    # Keras clips probabilities to 1e-7 .. 1 - 1e-7; outside, the gradient is zero.
    saturated = np.array([[0.0], [1.0], [0.0], [1.0], [2.0**-30], [2.0**-20], [1 - 2.0**-20]])
    yield case("extreme", kind, loss, np.array([[0.0], [1], [1], [0], [1], [1], [0]]), saturated)


def categorical(rng):
    classes = 4
    for sparse in (False, True):
        name = "sparseCategoricalCrossentropy" if sparse else "categoricalCrossentropy"
        make = losses.SparseCategoricalCrossentropy if sparse else losses.CategoricalCrossentropy
        target = lambda *shape: rng.integers(0, classes, shape) if sparse else np.eye(classes)[rng.integers(0, classes, shape)]  # noqa: E731, B023
        for from_logits in (True, False):
            kind, loss = name + ("FromLogits" if from_logits else ""), make(from_logits=from_logits)
            prediction = lambda z: z if from_logits else softmax(z)  # noqa: E731, B023
            z = exact(rng, 7, classes, scale=2)
            yield case("rows", kind, loss, target(7), prediction(z))
            yield case("weights", kind, loss, target(7), prediction(z), weight=np.abs(exact(rng, 7)))
            if not sparse:
                yield case("soft targets", kind, loss, softmax(exact(rng, 7, classes)), prediction(z))
            if not from_logits:
                yield case("rows that do not sum to 1", kind, loss, target(7), np.abs(z) + 0.25)
            yield from temporal(rng, kind, loss, target(3, 5), prediction(exact(rng, 3, 5, classes)))
            rows = np.eye(3)
            extreme = np.array([[1000.0, -1000, 0], [1000, -1000, 0], [80, 80, -80]]) if from_logits else np.array([[1.0, 0, 0], [0.0, 1, 0], [2.0**-30, 2.0**-20, 1]])
            yield case("extreme", kind, loss, np.arange(3) if sparse else rows, extreme)


def main():
    rng = generator("losses")
    write("losses", {"cases": [*regression(rng), *binary(rng), *categorical(rng)]})
