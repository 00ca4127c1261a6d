"""Layers and wirings of graphs: wrappers, merges, reshapes, states, activations. Inputs, weights and outputs of small functional models."""

from common import exact, generator, keras, np, set_exact_weights, tensor, write

L = keras.layers
B, T, D, V = 3, 5, 4, 6

ACTIVATIONS = {
    "elu": "elu",
    "exponential": "exponential",
    "hardSigmoid": "hard_sigmoid",
    "leakyRelu": "leaky_relu",
    "logSigmoid": "log_sigmoid",
    "mish": "mish",
    "relu6": "relu6",
    "selu": "selu",
    "silu": "silu",
    "softplus": "softplus",
    "softsign": "softsign",
    "squareplus": "squareplus",
    "swish": "silu",
    "relu": "relu",
    "softmax": "softmax",
}

CELLS = {"SimpleRNN": L.SimpleRNN, "LSTM": L.LSTM, "GRU": L.GRU}


def ids(rng):
    """Padded behind, before, in the middle, and not at all."""
    table = rng.integers(1, V, size=(B, T))
    table[0, 3:] = 0
    table[1, :2] = 0
    table[2, 2] = 0
    return table.astype("int32")


def case(rng, name, model, x, options=None):
    for layer in model.layers:
        if layer.weights:
            set_exact_weights(layer, rng)
    outputs = model.predict(x, verbose=0)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    weights = [tensor(weight) for weight in model.get_weights()]
    inputs = [tensor(each) for each in (x if isinstance(x, list) else [x])]
    return {"name": name, "options": options or {}, "inputs": inputs, "weights": weights, "outputs": [tensor(each) for each in outputs]}


def activation_cases(rng):
    x = exact(rng, 4, 5, scale=3.0)
    for name, keras_name in ACTIVATIONS.items():
        y = keras.activations.get(keras_name)(keras.ops.convert_to_tensor(x))
        yield {"name": name, "x": tensor(x), "y": tensor(np.asarray(y))}


def bidirectional_cases(rng):
    for cell_name, cell in CELLS.items():
        for mode in ["concat", "sum", "mul", "ave", None]:
            for sequences in [False, True]:
                for masked in [False, True]:
                    if cell_name == "SimpleRNN" and mode not in ("concat", "sum"):
                        continue
                    source = keras.Input((T,), dtype="int32") if masked else keras.Input((T, D))
                    value = L.Embedding(V, D, mask_zero=True)(source) if masked else source
                    states = mode == "concat"
                    layer = L.Bidirectional(cell(3, return_sequences=sequences, return_state=states), merge_mode=mode)
                    outputs = layer(value)
                    model = keras.Model(source, list(outputs) if isinstance(outputs, (list, tuple)) else outputs)
                    x = ids(rng) if masked else exact(rng, B, T, D)
                    options = {"cell": cell_name, "mergeMode": mode, "returnSequences": sequences, "returnState": states, "masked": masked}
                    yield case(rng, "bidirectional", model, x, options)


def state_cases(rng):
    for cell_name, cell in CELLS.items():
        for zero in [False, True]:
            encoded, decoded = keras.Input((T,), dtype="int32"), keras.Input((T, D))
            table = L.Embedding(V, D, mask_zero=True)(encoded)
            output, *states = cell(3, return_state=True, zero_output_for_mask=zero)(table)
            second = cell(3, return_sequences=True)(decoded, initial_state=states)
            model = keras.Model([encoded, decoded], [output, *states, second])
            yield case(rng, "states", model, [ids(rng), exact(rng, B, T, D)], {"cell": cell_name, "zeroOutputForMask": zero})


def merge_cases(rng):
    for name, layer in {
        "Add": L.Add,
        "Subtract": L.Subtract,
        "Multiply": L.Multiply,
        "Average": L.Average,
        "Maximum": L.Maximum,
        "Minimum": L.Minimum,
        "Concatenate": L.Concatenate,
    }.items():
        a, b = keras.Input((T,), dtype="int32"), keras.Input((T,), dtype="int32")
        tables = [L.Embedding(V, D, mask_zero=True)(each) for each in (a, b)]
        merged = layer()(tables)
        # The state after the last counted step shows the mask.
        model = keras.Model([a, b], [merged, L.LSTM(3)(merged)])
        yield case(rng, name, model, [ids(rng), ids(rng)[::-1].copy()])


def reshape_cases(rng):
    x = exact(rng, B, T, D)
    for name, make in {
        "RepeatVector": lambda: [L.LSTM(3), L.RepeatVector(4)],
        "Flatten": lambda: [L.Flatten()],
        "Reshape": lambda: [L.Reshape((2, -1))],
        "Permute": lambda: [L.Permute((2, 1))],
        "TimeDistributed": lambda: [L.TimeDistributed(L.Dense(3, activation="softmax"))],
    }.items():
        model = keras.Sequential([keras.Input((T, D)), *make()])
        yield case(rng, name, model, x)
    deep = exact(rng, B, 2, T, D)
    for name, make in {
        "FlattenThree": lambda: [L.Flatten()],
        "PermuteThree": lambda: [L.Permute((3, 1, 2))],
        "TimeDistributedLSTM": lambda: [L.TimeDistributed(L.LSTM(3))],
    }.items():
        model = keras.Sequential([keras.Input((2, T, D)), *make()])
        yield case(rng, name, model, deep)


def nested_case(rng, name, model, x, y):
    """Outputs, and the weights after one step of plain descent on the mean squared error."""
    before = case(rng, name, model, x)
    model.compile(optimizer=keras.optimizers.SGD(0.5), loss="mse")
    model.train_on_batch(x, y)
    return {**before, "y": tensor(y), "trained": [tensor(weight) for weight in model.get_weights()]}


def nested_cases(rng):
    encoder = keras.Sequential([L.Embedding(V, D, mask_zero=True), L.GRU(3, return_sequences=True)])
    ids_input = keras.Input((T,), dtype="int32")
    model = keras.Model(ids_input, L.Dense(2)(L.LSTM(3)(encoder(ids_input))))
    yield nested_case(rng, "sequenceWithMask", model, ids(rng), exact(rng, B, 2))

    series = keras.Input((T, D))
    branch = keras.Sequential([L.Dense(3, activation="tanh"), L.SimpleRNN(3)])
    other = keras.Input((T, D))
    model = keras.Model([series, other], L.Dense(2)(L.Concatenate()([branch(series), branch(other)])))
    yield nested_case(rng, "twins", model, [exact(rng, B, T, D), exact(rng, B, T, D)], exact(rng, B, 2))

    frame = keras.Input((T, D))
    inside = keras.Sequential([L.Dense(4, activation="tanh"), L.Dense(3)])
    model = keras.Model(frame, L.LSTM(2)(L.TimeDistributed(inside)(frame)))
    yield nested_case(rng, "timeDistributed", model, exact(rng, B, T, D), exact(rng, B, 2))


def ops_cases(rng):
    """Operations of tensors: each is fed by a Dense layer and read by another, so that gradients show too."""
    O = keras.ops

    class Scaled(L.Layer):
        def build(self, shape):
            self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")
            self.steps = self.add_weight(shape=(T, shape[-1]), initializer="ones", name="steps")
            self.kernel = self.add_weight(shape=(shape[-1], 2), initializer="ones", name="kernel")

        def call(self, x):
            return O.matmul(O.add(O.multiply(x, self.scale), self.steps), self.kernel)

    cases = {
        "binary": lambda a, b: O.divide(O.subtract(O.multiply(a, b), O.minimum(a, b)), O.add(O.square(O.maximum(a, b)), 1.0)),
        "unary": lambda a, b: O.tanh(O.abs(O.negative(a))) + O.sigmoid(O.relu(b)) + O.log(O.sqrt(O.exp(a)) + 0.5),
        "steps": lambda a, b: O.multiply(O.mean(a, axis=1, keepdims=True), b),
        "features": lambda a, b: O.add(O.sum(a, axis=-1, keepdims=True), b),
        "lastGone": lambda a, b: O.multiply(O.expand_dims(O.sum(a, axis=2), -1), b),
        "stepsGone": lambda a, b: O.subtract(O.expand_dims(O.mean(a, axis=1), 1), b),
        "row": lambda a, b: O.multiply(O.softmax(O.sum(a, axis=1)), O.mean(b, axis=1)),
        "moved": lambda a, b: O.concatenate([O.transpose(a, [0, 2, 1]), O.reshape(b, [-1, D, T])], axis=-1),
        "where": lambda a, b: O.where(O.less(a, b), O.multiply(a, 2.0), b),
        "weights": lambda a, b: Scaled()(O.add(a, b)),
    }
    for name, function in cases.items():
        series = keras.Input((T, D))
        a, b = L.Dense(D)(series), L.Dense(D)(series)
        model = keras.Model(series, L.Dense(2)(function(a, b)))
        x = exact(rng, B, T, D)
        yield nested_case(rng, name, model, x, exact(rng, *model.compute_output_shape(x.shape)))


def main():
    rng = generator("graphs")
    write(
        "graphs",
        {
            "activations": list(activation_cases(rng)),
            "bidirectional": list(bidirectional_cases(rng)),
            "states": list(state_cases(rng)),
            "merges": list(merge_cases(rng)),
            "reshapes": list(reshape_cases(rng)),
            "nested": list(nested_cases(rng)),
            "ops": list(ops_cases(rng)),
        },
    )
