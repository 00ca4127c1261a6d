"""Truncated back-propagation through time, which Keras' layers do not have: Keras' cells, step by step, with the gradient of
the state stopped at the start of every chunk of `truncate` steps counted back from the last one."""

from common import camel_keys, exact, generator, jax, jnp, keras, np, tensor, write

L = keras.layers
CELLS = {
    "simpleRnn": (L.SimpleRNNCell, {}, ["kernel", "recurrentKernel", "bias"]),
    "lstm": (L.LSTMCell, {}, ["kernel", "recurrentKernel", "bias"]),
    "gru": (L.GRUCell, {}, ["kernel", "recurrentKernel", "bias"]),
    "gruResetBefore": (L.GRUCell, {"reset_after": False}, ["kernel", "recurrentKernel", "bias"]),
}


def unroll(cell, weights, x, truncate, mask=None):
    """All outputs, [B, T, H]. A masked step carries the state over."""
    batch, steps, _ = x.shape
    states = [jnp.zeros((batch, cell.units)) for _ in (cell.state_size if isinstance(cell.state_size, list) else [0])]
    outputs = []
    for step in range(steps):
        if truncate and (steps - step) % truncate == 0:
            states = [jax.lax.stop_gradient(state) for state in states]
        (_, after), _ = cell.stateless_call(weights, cell.non_trainable_variables, x[:, step], states)
        states = list(after) if mask is None else [jnp.where(mask[:, step, None], new, old) for new, old in zip(after, states)]
        outputs.append(states[0])
    return jnp.stack(outputs, axis=1)


def case(rng, name, steps, truncate, sequences, masked=False, units=6, features=4):
    make, options, weight_names = CELLS[name]
    cell = make(units, **options)
    x = exact(rng, 3, steps, features)
    mask = None
    if masked:
        mask = np.ones((3, steps), dtype=bool)
        mask[0, :3] = False
        mask[1, -2:] = False
        mask[2, 2] = False
    cell.build((3, features))
    cell.set_weights([exact(rng, *weight.shape, scale=0.5) for weight in cell.get_weights()])
    weights = [variable.value for variable in cell.trainable_variables]

    def run(weights, x):
        outputs = unroll(cell, weights, x, truncate, mask)
        return outputs if sequences else outputs[:, -1]

    output = run(weights, x)
    upstream = exact(rng, *output.shape)
    d_weights, d_x = jax.grad(lambda weights, x: jnp.sum(run(weights, x) * upstream), argnums=(0, 1))(weights, x)
    return {
        "name": f"{name} {steps} steps, truncate {truncate}" + (", sequences" if sequences else "") + (", mask" if masked else ""),
        "cell": name,
        "config": {"units": units, "truncate": truncate, "returnSequences": sequences, **camel_keys(options)},
        "weights": dict(zip(weight_names, map(tensor, weights))),
        "x": tensor(x),
        "mask": None if mask is None else tensor(mask),
        "outputs": [tensor(output)],
        "upstream": [tensor(upstream)],
        "gradients": {"weights": dict(zip(weight_names, map(tensor, d_weights))), "x": tensor(d_x)},
    }


def article_network(rng, steps, truncate, units=6, features=4, samples=5, rate=0.25):
    """The founding article's RecurrentNetwork with the right gradient: tanh cells, one sigmoid output, log loss, plain
    gradient descent on full batches; gradients flow through the last `truncate` steps only."""
    cell = L.SimpleRNNCell(units)
    cell.build((samples, features))
    x = exact(rng, samples, steps, features)
    y = rng.integers(0, 2, samples)
    weights = [exact(rng, features, units, scale=0.5), exact(rng, units, units, scale=0.5), exact(rng, units, scale=0.5), exact(rng, units, 1), exact(rng, 1)]
    names = ["w1x", "w1h", "b1", "w2", "b2"]

    def loss(weights):
        logits = unroll(cell, weights[:3], x, truncate)[:, -1] @ weights[3] + weights[4]
        return keras.losses.BinaryCrossentropy(from_logits=True)(y[:, None], logits)

    result = {"name": f"{steps} steps, truncate {truncate}", "nCells": units, "learningRate": rate, "truncate": truncate, "x": tensor(x), "y": tensor(y), "weights": dict(zip(names, map(tensor, weights)))}
    result["gradients"] = dict(zip(names, map(tensor, jax.grad(loss)(weights))))
    losses = []
    for _ in range(5):
        value, gradients = jax.value_and_grad(loss)(weights)
        losses.append(float(value))
        weights = [weight - rate * gradient for weight, gradient in zip(weights, gradients)]
    return {**result, "losses": losses, "after": dict(zip(names, map(tensor, weights)))}


def main():
    rng = generator("truncation")
    layers = []
    for name in CELLS:
        layers += [case(rng, name, 7, 3, sequences=False), case(rng, name, 7, 3, sequences=True)]
    layers += [case(rng, "simpleRnn", 5, 10, sequences=False), case(rng, "lstm", 7, 3, sequences=True, masked=True), case(rng, "lstm", 6, 1, sequences=True)]
    networks = [article_network(rng, 9, 4), article_network(rng, 12, 10), article_network(rng, 3, 10)]
    write("truncation", {"layers": layers, "recurrentNetworks": networks})
