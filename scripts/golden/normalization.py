"""Layers that normalize: between Dense layers, so that the gradient of their input shows in the weights after a step."""

from common import camel_keys, exact, generator, keras, np, set_exact_weights, tensor, write

L = keras.layers
B, T, D = 3, 5, 4


def case(rng, name, options, shape, masked=False):
    source = keras.Input(shape)
    given = L.Masking()(source) if masked else source
    normal = L.LayerNormalization(**options)(L.Dense(shape[-1])(given))
    outputs = L.Dense(2)(normal)
    if masked:
        outputs = L.SimpleRNN(2)(outputs)
    model = keras.Model(source, outputs)
    for layer in model.layers:
        if layer.weights:
            set_exact_weights(layer, rng)
    weights = [tensor(weight) for weight in model.get_weights()]
    x = exact(rng, B, *shape)
    if masked:
        x[0, 3:] = x[1, :2] = 0
    found = np.asarray(model(x, training=False))
    y = exact(rng, *found.shape)
    model.compile(optimizer=keras.optimizers.SGD(0.5), loss="mse", run_eagerly=True)
    model.train_on_batch(x, y)
    return {
        "name": name,
        "options": camel_keys(options),
        "masked": masked,
        "inputs": [tensor(x)],
        "weights": weights,
        "outputs": [tensor(found)],
        "y": tensor(y),
        "trained": [tensor(weight) for weight in model.get_weights()],
    }


def layer_cases(rng):
    yield case(rng, "features", {}, (T, D))
    yield case(rng, "vectors", {"epsilon": 0.01}, (D,))
    yield case(rng, "without center", {"center": False}, (T, D))
    yield case(rng, "without scale", {"scale": False}, (T, D))
    yield case(rng, "without both", {"center": False, "scale": False}, (T, D))
    yield case(rng, "steps", {"axis": 1}, (T, D))
    yield case(rng, "steps and features", {"axis": [2, 1]}, (T, D))
    yield case(rng, "the outer axes of three", {"axis": [1, 3]}, (2, T, D))
    yield case(rng, "the middle axis of three", {"axis": -2}, (2, T, D))
    yield case(rng, "masked steps", {}, (T, D), masked=True)


def distributed_case(rng, name, shape, masked=False, model=False):
    """TimeDistributed(BatchNormalization): Keras loops over the steps, and so do the moving moments."""
    source = keras.Input(shape)
    given = L.Masking()(source) if masked else source
    inside = keras.Sequential([L.Dense(shape[-1]), L.BatchNormalization(momentum=0.75)]) if model else L.BatchNormalization(momentum=0.75)
    outputs = L.Dense(2)(L.TimeDistributed(inside)(L.Dense(shape[-1])(given)))
    if masked:
        outputs = L.SimpleRNN(2)(outputs)
    model = keras.Model(source, outputs)
    set_exact_weights(model, rng)
    model.set_weights([abs(weight) + 0.5 if weight.ndim == 1 else weight for weight in model.get_weights()])
    weights = [tensor(weight) for weight in model.get_weights()]
    x = exact(rng, B, *shape)
    if masked:
        x[0, 3:] = x[1, :2] = 0
    y = exact(rng, *model(x).shape)
    model.compile(optimizer=keras.optimizers.SGD(0.25), loss="mse", run_eagerly=True)
    losses = [float(model.train_on_batch(x, y)) for _ in range(2)]
    return {
        "name": name,
        "masked": masked,
        "model": name.startswith("a model"),
        "inputs": [tensor(x)],
        "weights": weights,
        "y": tensor(y),
        "losses": losses,
        "trained": [tensor(weight) for weight in model.get_weights()],
        "outputs": [tensor(np.asarray(model(x, training=False)))],
    }


def distributed_cases(rng):
    yield distributed_case(rng, "vectors", (T, D))
    yield distributed_case(rng, "masked steps", (T, D), masked=True)
    yield distributed_case(rng, "matrices", (T, 2, D))
    yield distributed_case(rng, "a model of vectors", (T, D), model=True)
    yield distributed_case(rng, "a model of matrices", (T, 2, D), model=True)


def main():
    rng = generator("normalization")
    cases = list(layer_cases(rng))
    write("normalization", {"layer": cases, "timeDistributed": list(distributed_cases(rng))})
