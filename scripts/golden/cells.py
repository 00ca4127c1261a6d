"""Recurrent layers with recurrent dropout, and with activations that the kernels do not have compiled: training steps.

The masks are those that Backtime draws with the layer's seed, so Keras is given them in place of its own.
"""

from common import camel_keys, exact, generator, jax, jnp, keras, np, set_exact_weights, tensor, write

L = keras.layers
B, T, D, UNITS, SEED, RATE, STEPS = 3, 4, 3, 2, 77, 0.125, 2

CELLS = {
    "simpleRnn": (L.SimpleRNN, {}, 1),
    "lstm": (L.LSTM, {}, 4),
    "gru": (L.GRU, {}, 3),
    "gruResetBefore": (L.GRU, {"reset_after": False}, 3),
}

MASK = np.array([[1, 1, 0, 0], [0, 1, 0, 1], [1, 1, 1, 1]], dtype=bool)


def philox(counter, key):
    """Philox4x32-10 (Salmon et al. 2011)."""
    c, k, low = list(counter), list(key), 0xFFFFFFFF
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & low, (p0 >> 32) ^ c[3] ^ k[1], p0 & low]
        k = [(k[0] + 0x9E3779B9) & low, (k[1] + 0xBB67AE85) & low]
    return c


def dropout_mask(rate, rows, features, iteration, stream):
    """crate/src/random/dropout.rs: element e is kept by word e mod 4 of block e / 4."""
    first_kept = int(np.ceil(np.float64(np.float32(rate)) * 2**24))
    words = [philox([e // 4, iteration, stream, 3], [SEED, 0])[e % 4] >> 8 for e in range(rows * features)]
    return np.array([word >= first_kept for word in words], dtype=float).reshape(rows, features) / (1 - rate)


def streams(gates, dropout, recurrent_dropout):
    """The streams of the input's masks and of the state's: the layer's first, 0, then further ones."""
    drawn = iter([0, *range(FURTHER, FURTHER + 2 * gates)])
    per_gate = gates if recurrent_dropout else 1
    return [next(drawn) for _ in range(per_gate if dropout else 0)], [next(drawn) for _ in range(gates if recurrent_dropout else 0)]


FURTHER = 2**20


def case(rng, cell, masked=False, **options):
    make, extra, gates = CELLS[cell]
    options = {**extra, **options}
    layer = make(UNITS, **options)
    layer.build((B, T, D))
    set_exact_weights(layer, rng)
    x = exact(rng, B, T, D)
    # Within the outputs of every activation, so that no training warns.
    y = np.clip(np.abs(exact(rng, B, *([T] if options.get("return_sequences") else []), UNITS)), 0.125, 0.875)
    weights = [tensor(weight) for weight in layer.get_weights()]
    mask = MASK if masked else None
    dropout, recurrent_dropout = options.get("dropout", 0), options.get("recurrent_dropout", 0)
    of_input, of_state = streams(gates, dropout, recurrent_dropout)
    losses = []
    for step in range(STEPS):
        inputs = [dropout_mask(dropout, B, D, step, stream) for stream in of_input]
        states = [dropout_mask(recurrent_dropout, B, UNITS, step, stream) for stream in of_state]
        alone = lambda masks: masks if len(masks) > 1 else masks[0] if masks else None  # noqa: E731
        layer.cell.get_dropout_mask = lambda _: alone(inputs)
        layer.cell.get_recurrent_dropout_mask = lambda _: alone(states)

        def loss_of(values):
            output, _ = layer.stateless_call(values, [v.value for v in layer.non_trainable_variables], x, mask=mask, training=True)
            squares = ((output - y) ** 2).mean(-1)
            if masked and options.get("return_sequences"):
                return (squares * mask).sum() / mask.sum()
            return squares.mean()

        values = [variable.value for variable in layer.trainable_variables]
        loss, gradients = jax.value_and_grad(loss_of)(values)
        losses.append(float(loss))
        for variable, gradient in zip(layer.trainable_variables, gradients):
            variable.assign(variable.value - RATE * gradient)
    return {
        "cell": cell,
        "masked": masked,
        "options": camel_keys({name: value for name, value in options.items() if name not in ("activation", "recurrent_activation")}),
        "activations": {
            name: ACTIVATIONS[options[key]] for name, key in (("activation", "activation"), ("recurrentActivation", "recurrent_activation")) if key in options
        },
        "x": tensor(x),
        "y": tensor(y),
        "weights": weights,
        "losses": losses,
        "trained": [tensor(weight) for weight in layer.get_weights()],
        "prediction": tensor(layer(x, mask=mask)),
    }


def hard_sigmoid_02(x):
    """Keras 2's, and TF.js's."""
    return jnp.clip(0.2 * x + 0.5, 0, 1)


ACTIVATIONS = {"hard_sigmoid": "hardSigmoid", hard_sigmoid_02: "hardSigmoid02", "softsign": "softsign", "elu": "elu", "softmax": "softmax", "mish": "mish"}


def cases(rng):
    for cell in CELLS:
        yield case(rng, cell, recurrent_dropout=0.5)
        yield case(rng, cell, recurrent_dropout=0.25, dropout=0.5, return_sequences=True, go_backwards=True)
        yield case(rng, cell, masked=True, recurrent_dropout=0.5, dropout=0.25, return_sequences=True, zero_output_for_mask=True)
        yield case(rng, cell, masked=True, recurrent_dropout=0.25, zero_output_for_mask=True)
        gates = {} if cell == "simpleRnn" else {"recurrent_activation": hard_sigmoid_02}
        yield case(rng, cell, activation="softsign", **gates)
        gates = {} if cell == "simpleRnn" else {"recurrent_activation": "hard_sigmoid"}
        yield case(rng, cell, masked=True, activation="elu", return_sequences=True, dropout=0.5, **gates)
        yield case(rng, cell, activation="softmax", use_bias=False, unroll=True)
        gates = {} if cell == "simpleRnn" else {"recurrent_activation": "softmax"}
        yield case(rng, cell, activation="mish", recurrent_dropout=0.5, **gates)


def main():
    write("cells", {"cases": list(cases(generator("cells")))})
