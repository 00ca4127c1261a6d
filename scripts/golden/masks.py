"""Masks through wirings to the loss: steps one after the other, masks as inputs, outputs with different masks."""

from common import exact, generator, keras, np, set_exact_weights, tensor, write

L = keras.layers
B, T, S, D, V, UNITS = 3, 5, 4, 3, 6, 2


def ids(rng, steps):
    """Padded behind, before, in the middle, and in one row everywhere."""
    table = rng.integers(1, V, size=(B, steps))
    table[0, 3:] = 0
    table[1, :2] = 0
    table[2, :] = 0
    return table.astype("int32")


def case(rng, name, inputs, outputs, x, y):
    model = keras.Model(inputs, outputs)
    for layer in model.layers:
        if layer.weights:
            set_exact_weights(layer, rng)
    model.compile(loss="mse")
    predicted = model.predict(x, verbose=0)
    predicted = predicted if isinstance(predicted, list) else [predicted]
    loss = model.evaluate(x, y, verbose=0)
    return {
        "name": name,
        "inputs": [tensor(each) for each in x],
        "targets": [tensor(each) for each in y],
        "weights": {layer.name: [tensor(weight) for weight in layer.get_weights()] for layer in model.layers if layer.weights},
        "outputs": [tensor(each) for each in predicted],
        "loss": float(loss[0] if isinstance(loss, list) else loss),
    }


def cases(rng):
    for title, masked in {"both masked": (True, True), "first masked": (True, False), "second masked": (False, True)}.items():
        sources = [keras.Input((T,), dtype="int32"), keras.Input((S,), dtype="int32")]
        tables = [L.Embedding(V, D, mask_zero=mask, name=name)(source) for source, mask, name in zip(sources, masked, ["a", "b"])]
        joined = L.Concatenate(axis=1)(tables)
        # Both the last state and the loss of every step show the mask.
        each = L.GRU(UNITS, return_sequences=True, name="each")(joined)
        last = L.LSTM(UNITS, name="last")(joined)
        y = [exact(rng, B, T + S, UNITS), exact(rng, B, UNITS)]
        yield case(rng, f"steps one after the other, {title}", sources, [each, last], [ids(rng, T), ids(rng, S)], y)

    series, mask = keras.Input((T, D)), keras.Input((T,), dtype="bool")
    each = L.SimpleRNN(UNITS, return_sequences=True, name="each")(series, mask=mask)
    scored = L.Dense(UNITS, name="scored")(L.Concatenate()([each, L.GRU(UNITS, return_sequences=True, name="again")(each)]))
    x = [exact(rng, B, T, D), ids(rng, T) != 0]
    yield case(rng, "a mask as an input", [series, mask], [scored], x, [exact(rng, B, T, UNITS)])

    sources = [keras.Input((T,), dtype="int32"), keras.Input((T, D))]
    words = L.Embedding(V, D, mask_zero=True, name="words")(sources[0])
    both = L.Add()([words, sources[1]])
    tags = L.Dense(UNITS, name="tags")(L.LSTM(UNITS, return_sequences=True, name="each")(words))
    free = L.Dense(UNITS, name="free")(L.LSTM(UNITS, return_sequences=True, name="other")(both))
    y = [exact(rng, B, T, UNITS), exact(rng, B, T, UNITS)]
    yield case(rng, "outputs with and without a mask", sources, [tags, free], [ids(rng, T), exact(rng, B, T, D)], y)

    source = keras.Input((T,), dtype="int32")
    words = L.Embedding(V, D, mask_zero=True, name="words")(source)
    tags = L.Dense(UNITS, name="tags")(L.GRU(UNITS, return_sequences=True, name="each")(words))
    last = L.Dense(UNITS, name="end")(L.GRU(UNITS, name="last")(words))
    x = [np.zeros((B, T), dtype="int32")]
    yield case(rng, "an output whose steps are all masked", [source], [tags, last], x, [exact(rng, B, T, UNITS), exact(rng, B, UNITS)])


def main():
    rng = generator("masks")
    write("masks", {"cases": list(cases(rng))})
