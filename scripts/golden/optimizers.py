"""Optimizers on given gradients: the parameters after each of several steps, alone and with clipping."""

from common import camel_keys, exact, generator, keras, np, tensor, write

O = keras.optimizers

OPTIMIZERS = [
    ("sgd", O.SGD, {"learning_rate": 0.125}),
    ("sgd momentum", O.SGD, {"learning_rate": 0.125, "momentum": 0.75}),
    ("sgd nesterov", O.SGD, {"learning_rate": 0.125, "momentum": 0.75, "nesterov": True}),
    ("rmsProp", O.RMSprop, {"learning_rate": 0.01}),
    ("rmsProp momentum", O.RMSprop, {"learning_rate": 0.01, "rho": 0.75, "momentum": 0.5}),
    ("rmsProp centered", O.RMSprop, {"learning_rate": 0.01, "centered": True}),
    ("rmsProp centered momentum", O.RMSprop, {"learning_rate": 0.01, "momentum": 0.5, "centered": True, "epsilon": 1e-3}),
    ("adam", O.Adam, {}),
    ("adam settings", O.Adam, {"learning_rate": 0.0625, "beta_1": 0.75, "beta_2": 0.9, "epsilon": 1e-3}),
]
CLIPPING = [
    ("sgd clipnorm", O.SGD, {"learning_rate": 0.125, "clipnorm": 0.75}),
    ("sgd clipvalue", O.SGD, {"learning_rate": 0.125, "clipvalue": 0.25}),
    ("sgd globalClipnorm", O.SGD, {"learning_rate": 0.125, "global_clipnorm": 0.75}),
    ("sgd globalClipnorm not reached", O.SGD, {"learning_rate": 0.125, "global_clipnorm": 1000.0}),
    ("adam globalClipnorm", O.Adam, {"global_clipnorm": 0.5}),
]


def case(rng, name, make, options, steps=10):
    """Two parameters, because clipnorm takes each alone and global_clipnorm both together."""
    optimizer = make(**options)
    start = [exact(rng, 3, 5), exact(rng, 7)]
    variables = [keras.Variable(value, dtype="float64") for value in start]
    # Gradients of very different size: Adam's and RMSprop's epsilon matters for the small ones.
    gradients = [[exact(rng, *value.shape) * 2.0 ** rng.integers(-12, 2, value.shape) for value in start] for _ in range(steps)]
    after = []
    optimizer.build(variables)
    for step in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient) for gradient in step], variables)
        after.append([tensor(variable) for variable in variables])
    config = {key: optimizer.get_config()[key] for key in ("learning_rate", "momentum", "nesterov", "rho", "centered", "beta_1", "beta_2", "epsilon", "clipnorm", "clipvalue", "global_clipnorm") if key in optimizer.get_config()}
    return {
        "name": name,
        "optimizer": make.__name__,
        "options": camel_keys(options),
        "config": {**camel_keys(config), "learningRate": float(np.asarray(config["learning_rate"]))},
        "parameters": [tensor(value) for value in start],
        "gradients": [[tensor(gradient) for gradient in step] for step in gradients],
        "after": after,
    }


def main():
    rng = generator("optimizers")
    cases = [case(rng, *entry) for entry in OPTIMIZERS]
    cases += [case(rng, *entry, steps=3) for entry in CLIPPING]
    write("optimizers", {"cases": cases})
