"""One recurrent layer: outputs and all gradients of sum(output * upstream), summed over the outputs and returned states."""

from common import camel_keys, exact, generator, jax, jnp, keras, named_weights, np, set_exact_weights, tensor, write

LAYERS = {
    "simpleRnn": (keras.layers.SimpleRNN, {}, 1),
    "lstm": (keras.layers.LSTM, {"unit_forget_bias": True}, 2),
    "gru": (keras.layers.GRU, {"reset_after": True}, 1),
    "gruResetBefore": (keras.layers.GRU, {"reset_after": False}, 1),
}

# (name, constructor options, mask, initial state given)
CASES = [
    ("sequences", {"return_sequences": True}, None, False),
    ("last", {}, None, False),
    ("noBias", {"return_sequences": True, "use_bias": False}, None, False),
    ("initialAndReturnedState", {"return_sequences": True, "return_state": True}, None, True),
    ("lastAndReturnedState", {"return_state": True}, "right", True),
    ("maskRightLast", {}, "right", False),
    ("maskLeftSequences", {"return_sequences": True}, "left", False),
    ("maskHoleInitialState", {"return_sequences": True}, "hole", True),
    ("backwards", {"return_sequences": True, "go_backwards": True}, None, False),
    ("backwardsMaskState", {"return_sequences": True, "go_backwards": True, "return_state": True}, "hole", True),
    ("zeroOutputSequences", {"return_sequences": True, "zero_output_for_mask": True, "return_state": True}, "hole", True),
    ("zeroOutputLast", {"zero_output_for_mask": True}, "right", False),
]

ACTIVATIONS = {
    "simpleRnn": [("relu", None), ("sigmoid", None), ("linear", None)],
    "lstm": [("relu", "tanh"), ("linear", "sigmoid"), ("sigmoid", "relu"), ("tanh", "linear")],
    "gru": [("relu", "tanh"), ("linear", "sigmoid"), ("sigmoid", "relu"), ("tanh", "linear")],
    "gruResetBefore": [("relu", "tanh"), ("sigmoid", "linear")],
}


def mask_of(kind, steps):
    """Three rows: real steps at the start (right padding), at the end, or with holes; one row in each has no padding or nothing else."""
    rows = np.ones((3, steps), dtype=bool)
    if kind == "right":
        rows[0, steps - 2 :] = False
        rows[2, 1:] = False
    elif kind == "left":
        rows[0, :2] = False
        rows[1, : steps - 1] = False
    elif kind == "hole":
        rows[0, [0, 2]] = False
        rows[1, :] = False
        rows[2, [1, steps - 1]] = False
    return rows


def case(rng, cell, name, options, mask_kind, with_state, steps=5, features=4, units=6):
    make, extra, states = LAYERS[cell]
    options = {**extra, **options}
    layer = make(units, **options)
    x = exact(rng, 3, steps, features)
    mask = mask_of(mask_kind, steps) if mask_kind else None
    layer.build(x.shape)
    set_exact_weights(layer, rng)
    initial = [exact(rng, 3, units, scale=0.7) for _ in range(states)] if with_state else []

    def run(weights, x, initial):
        outputs, _ = layer.stateless_call(weights, layer.non_trainable_variables, x, mask=mask, initial_state=list(initial) or None)
        return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]

    weights = [variable.value for variable in layer.trainable_variables]
    outputs = run(weights, x, initial)
    upstream = [exact(rng, *output.shape) for output in outputs]
    loss = lambda weights, x, initial: sum(jnp.sum(o * u) for o, u in zip(run(weights, x, initial), upstream))  # noqa: E731
    d_weights, d_x, d_initial = jax.grad(loss, argnums=(0, 1, 2))(weights, x, initial)
    return {
        "name": f"{cell} {name}",
        "cell": cell,
        "config": {"units": units, **camel_keys(options)},
        "weights": named_weights(layer),
        "x": tensor(x),
        "mask": None if mask is None else tensor(mask),
        "initialState": [tensor(state) for state in initial],
        "outputs": [tensor(output) for output in outputs],
        "upstream": [tensor(u) for u in upstream],
        "gradients": {
            "weights": dict(zip(named_weights(layer), map(tensor, d_weights))),
            "x": tensor(d_x),
            "initialState": [tensor(d) for d in d_initial],
        },
    }


def main():
    rng = generator("recurrent")
    cases = []
    for cell in LAYERS:
        cases += [case(rng, cell, *rest) for rest in CASES]
        for activation, recurrent in ACTIVATIONS[cell]:
            options = {"return_sequences": True, "activation": activation}
            if recurrent:
                options["recurrent_activation"] = recurrent
            name = f"activation {activation}" + (f" {recurrent}" if recurrent else "")
            cases.append(case(rng, cell, name, options, None, False, steps=4, features=3, units=5))
    write("recurrent", {"cases": cases})
