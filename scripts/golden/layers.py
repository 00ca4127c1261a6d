"""Dense, Embedding and chains of layers: outputs and all gradients of sum(output * upstream)."""

from common import exact, generator, jax, jnp, keras, named_weights, np, set_exact_weights, tensor, write
from models import build, describe


def dense_case(rng, shape, units, activation, use_bias=True):
    layer = keras.layers.Dense(units, activation=activation, use_bias=use_bias)
    x = exact(rng, *shape)
    layer.build(x.shape)
    set_exact_weights(layer, rng)
    run = lambda weights, x: layer.stateless_call(weights, [], x)[0]  # noqa: E731
    weights = [variable.value for variable in layer.trainable_variables]
    output = run(weights, x)
    upstream = exact(rng, *output.shape)
    d_weights, d_x = jax.grad(lambda w, x: jnp.sum(run(w, x) * upstream), argnums=(0, 1))(weights, x)
    return {
        "name": f"dense {activation} {len(shape)}-D" + ("" if use_bias else " noBias"),
        "config": {"units": units, "activation": activation, "useBias": use_bias},
        "weights": named_weights(layer),
        "x": tensor(x),
        "output": tensor(output),
        "upstream": tensor(upstream),
        "gradients": {"weights": dict(zip(named_weights(layer), map(tensor, d_weights))), "x": tensor(d_x)},
    }


def chain_case(rng, name, specifications, data, values=None):
    model = build(rng, specifications, data, values)
    weights = [variable.value for variable in model.trainable_variables]
    run = lambda weights, data: model.stateless_call(weights, model.non_trainable_variables, data)[0]  # noqa: E731
    output = run(weights, data)
    upstream = exact(rng, *output.shape)
    loss = lambda weights, data: jnp.sum(run(weights, data) * upstream)  # noqa: E731
    gradients = iter(jax.grad(loss)(weights, data))
    layers = describe(specifications, model)
    for layer in layers:
        layer["gradients"] = {weight: tensor(next(gradients)) for weight in layer["weights"]}
    integers = data.dtype.kind == "i"
    return {
        "name": name,
        "layers": layers,
        "ids": tensor(data) if integers else None,
        "x": None if integers else tensor(data),
        "output": tensor(output),
        "upstream": tensor(upstream),
        "gradientOfX": None if integers else tensor(jax.grad(loss, argnums=1)(weights, data)),
    }


def main():
    rng = generator("layers")
    activations = ["linear", "tanh", "sigmoid", "relu", "softmax"]
    dense = [dense_case(rng, (7, 5), 6, activation) for activation in activations]
    dense += [dense_case(rng, (3, 4, 5), 2, activation) for activation in activations]
    dense += [dense_case(rng, (5, 3), 1, "sigmoid"), dense_case(rng, (4, 6), 3, "tanh", use_bias=False)]
    padded = rng.integers(1, 9, (4, 6))
    padded[0, :3] = 0
    padded[1, 4:] = 0
    padded[2, [1, 4]] = 0
    ids = rng.integers(0, 7, (3, 5))
    chains = [
        chain_case(rng, "one-hot to SimpleRNN to Dense", [("OneHot", (7,), {}), ("SimpleRNN", (6,), {}), ("Dense", (1,), {"activation": "sigmoid"})], ids),
        chain_case(rng, "one-hot to LSTM sequences", [("OneHot", (7,), {}), ("LSTM", (5,), {"return_sequences": True})], ids),
        chain_case(rng, "Embedding", [("Embedding", (9, 3), {})], padded),
        chain_case(rng, "Embedding to SimpleRNN to Dense", [("Embedding", (9, 3), {}), ("SimpleRNN", (6,), {}), ("Dense", (2,), {})], padded),
        chain_case(rng, "Embedding with mask to LSTM to Dense", [("Embedding", (9, 3), {"mask_zero": True}), ("LSTM", (6,), {}), ("Dense", (2,), {"activation": "tanh"})], padded),
        chain_case(rng, "Embedding with mask to GRU backwards to GRU reset before to Dense", [("Embedding", (9, 3), {"mask_zero": True}), ("GRU", (5,), {"return_sequences": True}), ("GRU", (4,), {"reset_after": False, "go_backwards": True}), ("Dense", (3,), {"activation": "softmax"})], padded),
        chain_case(rng, "LSTM to LSTM to Dense over time", [("LSTM", (6,), {"return_sequences": True}), ("LSTM", (5,), {"return_sequences": True}), ("Dense", (2,), {"activation": "sigmoid"})], exact(rng, 3, 5, 4)),
    ]
    # Masking: series whose steps are missing at either end, in between, and altogether; one step has the value in one feature only.
    series = exact(rng, 4, 5, 3)
    for sample, step in [(0, 0), (0, 1), (1, 4), (2, 2), (3, 0), (3, 1), (3, 2), (3, 3), (3, 4)]:
        series[sample, step] = 0
    series[1, 2, 1] = 0
    minus = np.where(series == 0, -1.0, series)
    sequences = {"return_sequences": True}
    # Where the input is 0, Dense gives its bias, -1, which is masked: no gradient passes there, not even the bias's.
    masked_rows = {0: [exact(rng, 3, 2, scale=0.5), np.full(2, -1.0)]}
    chains += [
        chain_case(rng, "Masking to LSTM to Dense", [("Masking", (), {}), ("LSTM", (4,), {}), ("Dense", (2,), {})], series),
        chain_case(rng, "Masking of -1 to GRU to SimpleRNN backwards", [("Masking", (), {"mask_value": -1.0}), ("GRU", (4,), sequences), ("SimpleRNN", (3,), {"go_backwards": True})], minus),
        chain_case(rng, "Masking of -1 to Dense", [("Masking", (), {"mask_value": -1.0}), ("Dense", (2,), {})], minus),
        chain_case(rng, "Dense to Masking of -1 to Dense", [("Dense", (2,), {}), ("Masking", (), {"mask_value": -1.0}), ("Dense", (3,), {"activation": "tanh"})], series, masked_rows),
        chain_case(rng, "Dense to Masking of -1 to LSTM", [("Dense", (2,), {}), ("Masking", (), {"mask_value": -1.0}), ("LSTM", (3,), sequences)], series, masked_rows),
        chain_case(rng, "LSTM with zeros to Masking to SimpleRNN", [("Masking", (), {"mask_value": -1.0}), ("LSTM", (4,), sequences | {"zero_output_for_mask": True}), ("Masking", (), {}), ("SimpleRNN", (3,), {})], minus),
    ]
    write("layers", {"dense": dense, "chains": chains})
