"""Losses beyond the kernels': values and gradients, with weights, masks and labels that are ignored."""

from common import camel_keys, exact, generator, jax, keras, np, tensor, write
from keras.src import backend

L = keras.losses
B, T, C = 5, 3, 4


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def distribution(rng, *shape):
    """Probabilities that float32 holds exactly, and that do not quite add up to 1."""
    return np.round(softmax(exact(rng, *shape)) * 1024 + 1) / 1024


def one_hot(rng, *shape):
    return np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]


def binary(rng, *shape):
    return rng.integers(0, 2, shape).astype("float64")


def probability(rng, *shape):
    return (1 + rng.integers(0, 126, shape)) / 128


def signs(rng, *shape):
    return 2 * binary(rng, *shape) - 1


def positive(rng, *shape):
    return np.abs(exact(rng, *shape)) + 0.25


# Backtime's name, Keras's class, options, targets, predictions
LOSSES = [
    ("Huber", L.Huber, {}, exact, exact),
    ("Huber", L.Huber, {"delta": 0.25}, exact, exact),
    ("LogCosh", L.LogCosh, {}, exact, lambda rng, *shape: exact(rng, *shape, scale=4)),
    ("MeanAbsolutePercentageError", L.MeanAbsolutePercentageError, {}, positive, exact),
    ("MeanSquaredLogarithmicError", L.MeanSquaredLogarithmicError, {}, positive, exact),
    ("Poisson", L.Poisson, {}, lambda rng, *shape: rng.integers(0, 5, shape).astype("float64"), positive),
    ("KLDivergence", L.KLDivergence, {}, distribution, distribution),
    ("KLDivergence", L.KLDivergence, {}, one_hot, distribution),
    ("Hinge", L.Hinge, {}, signs, exact),
    ("Hinge", L.Hinge, {}, binary, exact),
    ("SquaredHinge", L.SquaredHinge, {}, signs, exact),
    ("SquaredHinge", L.SquaredHinge, {}, binary, exact),
    ("CategoricalHinge", L.CategoricalHinge, {}, one_hot, exact),
    ("CosineSimilarity", L.CosineSimilarity, {}, exact, exact),
    ("BinaryFocalCrossentropy", L.BinaryFocalCrossentropy, {}, binary, probability),
    ("BinaryFocalCrossentropy", L.BinaryFocalCrossentropy, {"gamma": 1.5, "alpha": 0.375, "apply_class_balancing": True}, binary, probability),
    ("BinaryFocalCrossentropy", L.BinaryFocalCrossentropy, {"gamma": 3.0, "from_logits": True, "label_smoothing": 0.125}, binary, exact),
    ("BinaryFocalCrossentropy", L.BinaryFocalCrossentropy, {"gamma": 0.0}, binary, probability),
    ("CategoricalFocalCrossentropy", L.CategoricalFocalCrossentropy, {}, one_hot, distribution),
    ("CategoricalFocalCrossentropy", L.CategoricalFocalCrossentropy, {"gamma": 1.5, "alpha": [0.25, 0.5, 1.0, 2.0]}, one_hot, positive),
    ("CategoricalFocalCrossentropy", L.CategoricalFocalCrossentropy, {"from_logits": True, "label_smoothing": 0.25}, one_hot, exact),
    ("CategoricalFocalCrossentropy", L.CategoricalFocalCrossentropy, {"gamma": 0.0}, distribution, distribution),
    ("binaryCrossentropy", L.BinaryCrossentropy, {"label_smoothing": 0.25}, binary, probability),
    ("binaryCrossentropy", L.BinaryCrossentropy, {"label_smoothing": 0.125, "from_logits": True}, binary, exact),
    ("categoricalCrossentropy", L.CategoricalCrossentropy, {"label_smoothing": 0.25}, one_hot, distribution),
    ("categoricalCrossentropy", L.CategoricalCrossentropy, {"label_smoothing": 0.125, "from_logits": True}, one_hot, exact),
]


def labels(ignored):
    def make(rng, *shape):
        chosen = rng.integers(0, shape[-1], shape[:-1])
        chosen[rng.random(chosen.shape) < 0.4] = ignored
        chosen.flat[0] = ignored
        return chosen

    return make


def any_labels(rng, *shape):
    return rng.integers(0, shape[-1], shape[:-1])


SPARSE = [
    ("sparseCategoricalCrossentropy", L.SparseCategoricalCrossentropy, {"ignore_class": -1}, labels(-1), distribution),
    ("sparseCategoricalCrossentropy", L.SparseCategoricalCrossentropy, {"ignore_class": 2}, labels(2), distribution),
    ("sparseCategoricalCrossentropy", L.SparseCategoricalCrossentropy, {"ignore_class": -1, "from_logits": True}, labels(-1), exact),
    ("CategoricalGeneralizedCrossEntropy", L.CategoricalGeneralizedCrossEntropy, {}, any_labels, distribution),
    ("CategoricalGeneralizedCrossEntropy", L.CategoricalGeneralizedCrossEntropy, {"q": 0.75}, any_labels, distribution),
]


def case(name, loss_name, loss, options, target, prediction, weight=None, mask=None):
    def value(z):
        z = z + 0.0
        if mask is not None:
            backend.set_keras_mask(z, jax.numpy.asarray(mask))
        return loss(target, z, sample_weight=weight)

    optional = lambda array: None if array is None else tensor(array)  # noqa: E731
    gradient = np.asarray(jax.grad(value)(jax.numpy.asarray(prediction)))
    assert np.isfinite(gradient).all(), (name, loss_name)
    return {
        "name": " ".join([loss_name, *(f"{key} {value}" for key, value in camel_keys(options).items()), name]),
        "loss": loss_name,
        "options": camel_keys(options),
        "prediction": tensor(prediction),
        "target": tensor(target),
        "weight": optional(weight),
        "mask": optional(mask),
        "value": float(value(jax.numpy.asarray(prediction))),
        "gradient": tensor(gradient),
    }


def cases(rng):
    for name, make, options, targets, predictions in [*LOSSES, *SPARSE]:
        loss = make(**options)
        target, prediction = targets(rng, B, C), predictions(rng, B, C)
        yield case("rows", name, loss, options, target, prediction)
        yield case("weights", name, loss, options, target, prediction, weight=np.abs(exact(rng, B)))
        target, prediction = targets(rng, B, T, C), predictions(rng, B, T, C)
        mask = rng.random((B, T)) < 0.6
        mask[0, 0] = True
        mask[-1, -1] = False
        yield case("temporal", name, loss, options, target, prediction)
        yield case("weights and mask of steps", name, loss, options, target, prediction, weight=np.abs(exact(rng, B, T)), mask=mask)


def overlap_cases(rng):
    """Of the whole batch, of each sample and of each row; embeddings."""
    for name, make, options in [("Dice", L.Dice, {}), ("Tversky", L.Tversky, {"alpha": 0.25, "beta": 1.5})]:
        target, prediction = binary(rng, B, C), probability(rng, B, C)
        yield case("rows", name, make(**options), options, target, prediction)
        yield case("weights of rows", name, make(**options), options, target, prediction, weight=np.abs(exact(rng, B)))
        yield case("temporal", name, make(**options), options, binary(rng, B, T, C), probability(rng, B, T, C))
        each = {**options, "axis": -1}
        target, prediction = binary(rng, B, T, C), probability(rng, B, T, C)
        mask = rng.random((B, T)) < 0.6
        mask[0, 0], mask[-1, -1] = True, False
        yield case("temporal", name, make(**each), each, target, prediction)
        yield case("weights and mask of steps", name, make(**each), each, target, prediction, weight=np.abs(exact(rng, B, T)), mask=mask)
        yield case("weights", name, make(**each), each, binary(rng, B, C), probability(rng, B, C), weight=np.abs(exact(rng, B)))
        sample = {**options, "axis": [1, 2]}
        yield case("temporal", name, make(**{**options, "axis": (1, 2)}), sample, target, prediction)
        yield case("weights of samples", name, make(**{**options, "axis": (1, 2)}), sample, target, prediction, weight=np.abs(exact(rng, B)))
    for options in [{"gamma": 4.0}, {"gamma": 2.0, "margin": 0.25}, {"gamma": 3.0, "remove_diagonal": False}]:
        prediction = exact(rng, 9, C, scale=0.5)
        target = rng.integers(0, 3, 9)
        yield case("rows", "Circle", L.Circle(**options), options, target, prediction)
        yield case("weights of rows", "Circle", L.Circle(**options), options, target, prediction, weight=np.abs(exact(rng, 9)))
    yield case("rows of one class", "Circle", L.Circle(gamma=2.0), {"gamma": 2.0}, np.array([0, 1, 1, 2]), exact(rng, 4, C, scale=0.5))


def main():
    write("moreLosses", {"cases": [*cases(generator("moreLosses")), *overlap_cases(generator("moreLosses overlap"))]})
