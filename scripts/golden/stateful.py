"""Stateful layers: states carried from batch to batch, in prediction and in training, and reset.

Keras on JAX loses the states of compiled functions (predict, train_on_batch), so the layers are called directly.
"""

from common import exact, generator, jax, keras, np, set_exact_weights, tensor, write

L = keras.layers
B, T, D, V, UNITS, BATCHES = 2, 4, 3, 5, 3, 3

CELLS = {"SimpleRNN": L.SimpleRNN, "LSTM": L.LSTM, "GRU": L.GRU}


def ids(rng):
    """Padded behind, before and in the middle."""
    table = rng.integers(1, V, size=(BATCHES * B, T))
    table[0, 2:] = 0
    table[1, 1] = 0
    table[3, :1] = 0
    table[5, :] = 0
    return table.astype("int32")


def build(cell, go_backwards=False, return_sequences=False, return_state=False, masked=False, bidirectional=False, zero_output_for_mask=False, initial=False):
    source = keras.Input((T,), batch_size=B, dtype="int32") if masked else keras.Input((T, D), batch_size=B)
    value = L.Embedding(V, D, mask_zero=True)(source) if masked else source
    sources = [source]
    kwargs = {}
    if initial:
        states = [keras.Input((UNITS,), batch_size=B) for _ in range(2 if cell == "LSTM" else 1)]
        sources += states
        kwargs = {"initial_state": states}
    layer = CELLS[cell](
        UNITS,
        stateful=True,
        go_backwards=go_backwards,
        return_sequences=return_sequences,
        return_state=return_state,
        zero_output_for_mask=zero_output_for_mask,
    )
    if bidirectional:
        layer = L.Bidirectional(layer)
    outputs = layer(value, **kwargs)
    model = keras.Model(sources if initial else source, list(outputs) if isinstance(outputs, (list, tuple)) else outputs)
    return model, layer


OPTIONS = [
    {},
    {"return_sequences": True, "return_state": True},
    {"go_backwards": True, "return_sequences": True},
    {"masked": True, "return_state": True},
    {"masked": True, "return_sequences": True, "zero_output_for_mask": True},
    {"bidirectional": True, "return_sequences": True},
    {"bidirectional": True, "masked": True},
]

NAMES = {
    "go_backwards": "goBackwards",
    "return_sequences": "returnSequences",
    "return_state": "returnState",
    "zero_output_for_mask": "zeroOutputForMask",
}


def prediction_cases(rng):
    for cell in CELLS:
        for options in [*OPTIONS, {"initial": True, "return_state": True}]:
            model, layer = build(cell, **options)
            for each in model.layers:
                if each.weights:
                    set_exact_weights(each, rng)
            x = [ids(rng) if options.get("masked") else exact(rng, BATCHES * B, T, D)]
            if options.get("initial"):
                x += [exact(rng, BATCHES * B, UNITS) for _ in model.inputs[1:]]

            def run(rows):
                batches = []
                for start in range(0, rows, B):
                    given = [each[start : start + B] for each in x]
                    outputs = model(given if len(given) > 1 else given[0])
                    batches.append([np.asarray(each) for each in (outputs if isinstance(outputs, list) else [outputs])])
                return [tensor(np.concatenate(each)) for each in zip(*batches)]

            first = run(BATCHES * B)
            continued = run(B)
            getattr(layer, "reset_states", getattr(layer, "reset_state", None))()
            yield {
                "options": {"cell": cell, **{NAMES.get(name, name): value for name, value in options.items()}},
                "inputs": [tensor(each) for each in x],
                "weights": [tensor(weight) for weight in model.get_weights()],
                "first": first,
                "continued": continued,
                "afterReset": run(B),
            }


def training_cases(rng):
    """A layer that is not stateful, with the states of the batch before as inputs: its states get no gradient."""
    rate = 0.125
    for cell in CELLS:
        for masked in [False, True]:
            source = keras.Input((T,), batch_size=B, dtype="int32") if masked else keras.Input((T, D), batch_size=B)
            value = L.Embedding(V, D)(source) if masked else source
            # Keras forgets the mask of an input that comes with states.
            mask = keras.ops.not_equal(source, 0) if masked else None
            states = [keras.Input((UNITS,), batch_size=B) for _ in range(2 if cell == "LSTM" else 1)]
            output, *after = CELLS[cell](UNITS, return_state=True)(value, initial_state=states, mask=mask)
            model = keras.Model([source, *states], [L.Dense(1)(output), *after])
            for each in model.layers:
                if each.weights:
                    set_exact_weights(each, rng)
            x = ids(rng) if masked else exact(rng, BATCHES * B, T, D)
            y = exact(rng, BATCHES * B, 1)
            before = [np.zeros((B, UNITS)) for _ in states]
            weights = [tensor(weight) for weight in model.get_weights()]

            def loss_of(values, rows, before):
                (prediction, *after), _ = model.stateless_call(values, [v.value for v in model.non_trainable_variables], [x[rows], *before])
                return ((prediction - y[rows]) ** 2).mean(), after

            losses = []
            step = jax.value_and_grad(loss_of, has_aux=True)
            for epoch in range(2):
                for start in range(0, BATCHES * B, B):
                    values = [variable.value for variable in model.trainable_variables]
                    (loss, after), gradients = step(values, slice(start, start + B), before)
                    losses.append(float(loss))
                    for variable, gradient in zip(model.trainable_variables, gradients):
                        variable.assign(variable.value - rate * gradient)
                    before = [np.asarray(each) for each in after]
                if epoch == 0:
                    before = [np.zeros((B, UNITS)) for _ in states]
            yield {
                "options": {"cell": cell, "masked": masked},
                "x": tensor(x),
                "y": tensor(y),
                "weights": weights,
                "losses": losses,
                "trained": [tensor(weight) for weight in model.get_weights()],
                "prediction": tensor(np.asarray(model([x[:B], *before])[0])),
            }


def main():
    rng = generator("stateful")
    write("stateful", {"predictions": list(prediction_cases(rng)), "training": list(training_cases(rng))})
