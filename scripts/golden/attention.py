"""Dot and layers of attention: inputs are projected by Dense layers, so that gradients of all inputs show in the weights after a step."""

from common import camel_keys, exact, generator, keras, np, set_exact_weights, tensor, write

L = keras.layers
B, T, S, D, V = 3, 5, 4, 3, 2


def case(rng, name, options, inputs, outputs, x):
    """Outputs, and the weights after one step of plain descent on the mean squared errors."""
    model = keras.Model(inputs, outputs)
    for layer in model.layers:
        if layer.weights:
            set_exact_weights(layer, rng)
    weights = [tensor(weight) for weight in model.get_weights()]
    # Compiling every small model would take ten times as long.
    found = model(x, training=False)
    found = [np.asarray(each) for each in (found if isinstance(found, (list, tuple)) else [found])]
    y = exact(rng, *found[0].shape)
    # The scores of MultiHeadAttention have a mask in Keras that its losses refuse.
    trained = keras.Model(inputs, model.outputs[0])
    trained.compile(optimizer=keras.optimizers.SGD(0.5), loss="mse", run_eagerly=True)
    trained.train_on_batch(x, y)
    return {
        "name": name,
        "options": options,
        "inputs": [tensor(each) for each in x],
        "weights": weights,
        "outputs": [tensor(each) for each in found],
        "y": tensor(y),
        "trained": [tensor(weight) for weight in model.get_weights()],
    }


def dot_cases(rng):
    shapes = {
        "vectors": ((4,), (4,), 1),
        "sequences": ((T, D), (S, D), 2),
        "sequences from the end on": ((T, D), (S, D), -1),
        "steps": ((T, D), (T, V), 1),
        "steps and features": ((T, S), (S, D), (2, 1)),
        "features and steps": ((S, D), (T, S), (1, 2)),
        "a vector and a sequence": ((D,), (T, D), (1, 2)),
        "a vector and steps": ((T,), (T, D), (1, 1)),
        "a sequence and a vector": ((T, D), (D,), (2, 1)),
        "steps and a vector": ((T, D), (T,), (1, 1)),
    }
    for title, (a, b, axes) in shapes.items():
        for normalize in [False, True]:
            inputs = [keras.Input(a), keras.Input(b)]
            projected = [L.Dense(shape[-1])(each) for shape, each in zip((a, b), inputs)]
            outputs = L.Dense(2)(L.Dot(axes=axes, normalize=normalize)(projected))
            options = {"axes": axes, "normalize": normalize}
            yield case(rng, f"{title}, {'normalized' if normalize else 'as they are'}", options, inputs, outputs, [exact(rng, B, *a), exact(rng, B, *b)])


# Masks of query and values: steps of zeros are masked.
MASKS = {"no mask": None, "both masked": (True, True), "the query masked": (True, False), "the values masked": (False, True)}


def sequences(rng, masked, several):
    """
    A query and values; where masked, zeros behind, before and in the middle, and everywhere. A step that attends to
    none gets other weights of Attention in float64 than in float32, so only MultiHeadAttention has such steps.
    """
    query, value = exact(rng, B, T, D), exact(rng, B, S, D)
    if masked and masked[0]:
        query[0, 3:] = query[1, :1] = query[2, 1] = 0
    if masked and masked[1]:
        value[0, 2:] = value[1, 2] = 0
        if several:
            value[1, 0] = value[2] = 0
    return [query, value]


def attention_cases(rng):
    kinds = {
        "Attention": (L.Attention, [{}, {"use_scale": True}, {"score_mode": "concat"}, {"use_scale": True, "score_mode": "concat"}], D),
        "AdditiveAttention": (L.AdditiveAttention, [{}, {"use_scale": False}], D),
        "MultiHeadAttention": (
            L.MultiHeadAttention,
            [{"num_heads": 2, "key_dim": 3}, {"num_heads": 3, "key_dim": 2, "value_dim": 4, "output_shape": 5, "use_bias": False}],
            4,
        ),
    }
    for kind, (layer, all_options, features) in kinds.items():
        several = kind == "MultiHeadAttention"
        for options in all_options:
            for title, masked in MASKS.items() if options == all_options[0] else [("both masked", (True, True))]:
                for causal, key, scores in [(False, False, False), (True, True, True)]:
                    # Keras on JAX takes other sizes of values only where it returns the scores.
                    if "value_dim" in options and not scores:
                        continue
                    inputs = [keras.Input((T, D)), keras.Input((S, D))]
                    given = [L.Masking()(each) if masked and masked[place] else each for place, each in enumerate(inputs)]
                    if masked and masked[0] != masked[1]:
                        # The same number of layers before both, so that the order of weights is that of the layers.
                        given = [L.Activation("linear")(each) if each in inputs else each for each in given]
                    query, value = L.Dense(D)(given[0]), L.Dense(V if key or several else D)(given[1])
                    keys = [L.Dense(D)(given[1])] if key else []
                    call = {"use_causal_mask": causal, "return_attention_scores": scores}
                    made = layer(**options)
                    results = made(query, value, *keys, **call) if several else made([query, value, *keys], **call)
                    results = results if scores else [results]
                    outputs = [L.Dense(2)(results[0]), *results[1:]]
                    every = {**options, **call}
                    named = f"{kind} {' '.join(f'{name} {value}' for name, value in every.items())}, {title}{', with keys' if key else ''}"
                    described = {"kind": kind, "masked": masked or (False, False), "key": key, "layer": camel_keys(every)}
                    yield case(rng, named, described, inputs, outputs, sequences(rng, masked, several))


def main():
    rng = generator("attention")
    write("attention", {"dots": list(dot_cases(rng)), "attention": list(attention_cases(rng))})
