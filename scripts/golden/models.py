"""Sequential models from specifications, with exact random weights, and their JSON form."""

from common import camel_keys, keras, named_weights, set_exact_weights

L = keras.layers


class OneHot(L.Layer):
    """Integers to one-hot rows; without weights."""

    def __init__(self, depth):
        super().__init__()
        self.depth = depth

    def call(self, ids):
        return keras.ops.one_hot(ids, self.depth, dtype="float64")


TYPES = {"OneHot": OneHot, "Embedding": L.Embedding, "SimpleRNN": L.SimpleRNN, "LSTM": L.LSTM, "GRU": L.GRU, "Dense": L.Dense, "Masking": L.Masking}


def build(rng, specifications, data, values=None):
    """`specifications` are (layer type, first argument or arguments, options); `data` is an input: ids when integer.
    `values` are weights by the index of their layer, in place of random ones."""
    layers = [TYPES[kind](*arguments, **options) for kind, arguments, options in specifications]
    model = keras.Sequential([keras.Input(data.shape[1:], dtype="int32" if data.dtype.kind == "i" else "float64"), *layers])
    for index, layer in enumerate(layers):
        set_exact_weights(layer, rng)
        if values and index in values:
            layer.set_weights(values[index])
    return model


def describe(specifications, model):
    """The layers with their present weights."""
    return [
        {"type": kind, "arguments": list(arguments), "config": camel_keys(options), "weights": named_weights(layer)}
        for (kind, arguments, options), layer in zip(specifications, model.layers)
    ]
