"""Accuracy: as 'accuracy' resolves by the shapes of targets and outputs, with weights, masks and ties."""

from common import exact, generator, jax, keras, np, tensor, write
from keras.src import backend
from keras.src.trainers.compile_utils import get_metric

KINDS = {
    keras.metrics.BinaryAccuracy: "binaryAccuracy",
    keras.metrics.CategoricalAccuracy: "categoricalAccuracy",
    keras.metrics.SparseCategoricalAccuracy: "sparseCategoricalAccuracy",
}


def case(name, target, prediction, weight=None, mask=None, metric=None):
    metric = metric or get_metric("accuracy", target, prediction)
    values = jax.numpy.asarray(prediction) + 0.0
    if mask is not None:
        backend.set_keras_mask(values, jax.numpy.asarray(mask))
    metric.update_state(target, values, sample_weight=weight)
    kind = KINDS[type(metric)]
    optional = lambda array: None if array is None else tensor(array)  # noqa: E731
    return {
        "name": f"{kind} {name}",
        "kind": kind,
        "threshold": getattr(metric, "threshold", 0),
        "prediction": tensor(prediction),
        "target": tensor(target),
        "weight": optional(weight),
        "mask": optional(mask),
        "result": float(metric.result()),
    }


def variants(rng, name, target, prediction):
    rows = prediction.shape[:-1]
    yield case(name, target, prediction)
    yield case(f"{name} weights", target, prediction, weight=np.abs(exact(rng, *rows)))
    if len(rows) == 2:
        mask = rng.random(rows) < 0.6
        mask[0, 0] = True
        yield case(f"{name} mask", target, prediction, mask=mask)
        yield case(f"{name} weights and mask", target, prediction, weight=np.abs(exact(rng, *rows)), mask=mask)
        yield case(f"{name} mask of zeros", target, prediction, mask=np.zeros(rows, dtype=bool))


def main():
    rng = generator("metrics")
    labels = lambda high, *shape: rng.integers(0, high, shape)  # noqa: E731
    probability = lambda *shape: np.round(rng.random(shape) * 128) / 128  # noqa: E731
    one_hot = lambda classes, *shape: np.eye(classes)[labels(classes, *shape)]  # noqa: E731
    cases = [
        *variants(rng, "one output", labels(2, 9, 1).astype("float64"), probability(9, 1)),
        *variants(rng, "temporal", labels(2, 3, 5, 1).astype("float64"), probability(3, 5, 1)),
        *variants(rng, "rows", one_hot(4, 9), probability(9, 4)),
        *variants(rng, "temporal", one_hot(4, 3, 5), probability(3, 5, 4)),
        *variants(rng, "rows", labels(4, 9), probability(9, 4)),
        *variants(rng, "temporal", labels(4, 3, 5), probability(3, 5, 4)),
        case("flat targets", labels(2, 9).astype("float64"), probability(9, 1)),
        case("column of targets", labels(4, 9, 1), probability(9, 4)),
        case("at the threshold", np.array([[0.0], [1.0], [0.0], [1.0]]), np.array([[0.5], [0.5], [0.5078125], [0.4921875]])),
        case("logits", labels(2, 9, 1).astype("float64"), exact(rng, 9, 1), metric=keras.metrics.BinaryAccuracy(threshold=0.0)),
        case("several outputs", labels(2, 5, 3).astype("float64"), probability(5, 3), metric=keras.metrics.BinaryAccuracy()),
        case("several outputs weights", labels(2, 5, 3).astype("float64"), probability(5, 3), weight=np.abs(exact(rng, 5)), metric=keras.metrics.BinaryAccuracy()),
        case("ties", np.eye(3), np.array([[1.0, 1, 0], [1, 1, 0], [0, 1, 1]])),
        case("ties", np.arange(3), np.array([[1.0, 1, 0], [1, 1, 0], [0, 1, 1]])),
    ]
    write("metrics", {"cases": cases})
