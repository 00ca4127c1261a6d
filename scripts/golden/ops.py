"""Operations of tensors along axes: each is fed by a Dense layer and read by another, so that gradients show too."""

from common import exact, generator, keras, write
from graphs import nested_case

L, O = keras.layers, keras.ops
B, T, D = 3, 5, 4

# Of a and b, both [B, T, D].
CASES = {
    "maxOfSteps": lambda a, b: O.multiply(O.max(a, axis=1, keepdims=True), b),
    "maxOfFeatures": lambda a, b: O.multiply(O.expand_dims(O.max(a, axis=-1), 2), b),
    "minOfSteps": lambda a, b: O.multiply(O.min(a, axis=1), O.min(b, axis=1)),
    "minOfFeatures": lambda a, b: O.add(O.min(a, axis=2, keepdims=True), b),
    # Equal elements share the gradient.
    "equals": lambda a, b: O.add(O.max(O.relu(a), axis=1), O.min(O.relu(b), axis=1)),
    "matmul": lambda a, b: O.matmul(O.transpose(a, [0, 2, 1]), O.reshape(b, [-1, T, D])),
    "matmulWithItself": lambda a, b: O.matmul(O.matmul(a, O.transpose(a, [0, 2, 1])), b),
    "matmulOfHeads": lambda a, b: O.reshape(O.matmul(O.reshape(a, [-1, 2, T, 2]), O.reshape(b, [-1, 2, 2, T])), [-1, 2 * T, T]),
    "matmulRepeated": lambda a, b: O.reshape(O.matmul(O.reshape(a, [-1, 1, T, D]), O.reshape(b, [-1, 5, D, 1])), [-1, 5, T]),
    "takeFeatures": lambda a, b: O.multiply(O.take(a, [3, 0, 0, 2], axis=-1), b),
    "takeSteps": lambda a, b: O.concatenate([O.take(a, [4, 2, 0], axis=1), O.take(b, [1, 1, -1], axis=1)], axis=1),
    "takeLast": lambda a, b: O.multiply(O.take(a, -1, axis=1), O.take(b, 0, axis=1)),
    "takeOneFeature": lambda a, b: O.multiply(O.take(a, 2, axis=2), O.take(b, -1, axis=2)),
    "slice": lambda a, b: O.multiply(a[:, 1:4, 1:3], b[:, -3:, :2]),
    "sliceOfFour": lambda a, b: O.reshape(O.reshape(a, [-1, 5, 2, 2])[:, 1:3, :, 1:] * O.reshape(b, [-1, 5, 2, 2])[:, 3:, :, :1], [-1, 4]),
    "expandAndSqueeze": lambda a, b: O.squeeze(O.multiply(O.expand_dims(a, 1), O.expand_dims(b, 1)), 1),
    "expandLast": lambda a, b: O.squeeze(O.multiply(O.expand_dims(a, -1), O.expand_dims(b, 3)), -1),
    "outer": lambda a, b: O.sum(O.multiply(O.expand_dims(a, 2), O.expand_dims(b, 1)), axis=-1),
    "stackSteps": lambda a, b: O.reshape(O.stack([a, b], axis=1), [-1, 2 * T, D]),
    "stackLast": lambda a, b: O.reshape(O.stack([a, b, a], axis=-1), [-1, T, 3 * D]),
    "split": lambda a, b: O.multiply(*O.split(a, 2, axis=-1)) + O.split(b, [1, 3], axis=2)[1],
    "softmaxOfSteps": lambda a, b: O.multiply(O.softmax(a, axis=1), b),
    "softmaxOfHeads": lambda a, b: O.reshape(O.softmax(O.reshape(a, [-1, 2, T, 2]), axis=1), [-1, T, D]) + b,
}


def cases(rng):
    for name, function in CASES.items():
        series = keras.Input((T, D))
        a, b = L.Dense(D)(series), L.Dense(D)(series)
        model = keras.Model(series, L.Dense(2)(function(a, b)))
        x = exact(rng, B, T, D)
        yield nested_case(rng, name, model, x, exact(rng, *model.compute_output_shape(x.shape)))


def main():
    rng = generator("ops")
    write("ops", {"ops": list(cases(rng))})
