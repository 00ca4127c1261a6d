"""Optimizers on given gradients, with decay of weights, averages of weights and gradients of several batches."""

from common import camel_keys, exact, generator, keras, tensor, write

O = keras.optimizers

CASES = [
    ("Nadam", {}),
    ("Nadam", {"learning_rate": 0.0625, "beta_1": 0.75, "beta_2": 0.9, "epsilon": 1e-3}),
    ("AdamW", {}),
    ("AdamW", {"learning_rate": 0.0625, "weight_decay": 0.25, "amsgrad": True, "beta_2": 0.5}),
    ("Adamax", {}),
    ("Adamax", {"learning_rate": 0.0625, "beta_1": 0.75, "beta_2": 0.9, "epsilon": 1e-3}),
    ("Adagrad", {}),
    ("Adagrad", {"learning_rate": 0.125, "initial_accumulator_value": 0.5, "epsilon": 1e-3}),
    ("Adadelta", {"learning_rate": 1.0}),
    ("Adadelta", {"learning_rate": 0.5, "rho": 0.75, "epsilon": 1e-3}),
    ("Lion", {}),
    ("Lion", {"learning_rate": 0.0625, "beta_1": 0.5, "beta_2": 0.75}),
    ("SGD", {"learning_rate": 0.125, "weight_decay": 0.5}),
    ("Adam", {"weight_decay": 0.5, "clipnorm": 0.5}),
    ("RMSprop", {"weight_decay": 0.25, "exclude": True}),
    ("AdamW", {"weight_decay": 0.5, "exclude": True, "global_clipnorm": 0.5}),
    ("SGD", {"learning_rate": 0.125, "use_ema": True, "ema_momentum": 0.75}),
    ("Adam", {"learning_rate": 0.125, "use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 3}),
    ("SGD", {"learning_rate": 0.125, "momentum": 0.5, "gradient_accumulation_steps": 3}),
    ("Adam", {"gradient_accumulation_steps": 2, "clipnorm": 0.25}),
    ("Nadam", {"gradient_accumulation_steps": 2, "clipvalue": 0.125}),
    (
        "AdamW",
        {
            "learning_rate": 0.125,
            "gradient_accumulation_steps": 2,
            "use_ema": True,
            "ema_momentum": 0.75,
            "ema_overwrite_frequency": 2,
            "weight_decay": 0.5,
        },
    ),
    ("Ftrl", {"learning_rate": 0.125}),
    (
        "Ftrl",
        {
            "learning_rate": 0.25,
            "learning_rate_power": -0.75,
            "initial_accumulator_value": 0.5,
            "l1_regularization_strength": 0.25,
            "l2_regularization_strength": 0.5,
            "l2_shrinkage_regularization_strength": 0.125,
            "beta": 0.5,
        },
    ),
    ("Ftrl", {"learning_rate": 0.25, "learning_rate_power": 0.0}),
    ("Ftrl", {"learning_rate": 0.25, "learning_rate_power": -0.75, "initial_accumulator_value": 0.0, "beta": 0.5}),
    ("Adam", {"learning_rate": 0.0625, "amsgrad": True, "beta_2": 0.5}),
]


def case(rng, kind, options, steps=8):
    settings = {key: value for key, value in options.items() if key != "exclude"}
    optimizer = getattr(O, kind)(**settings)
    start = [exact(rng, 3, 5), exact(rng, 1, 7)]
    variables = [keras.Variable(value, dtype="float64") for value in start]
    if options.get("exclude"):
        optimizer.exclude_from_weight_decay(var_list=[variables[1]])
    gradients = [[exact(rng, *value.shape) * 2.0 ** rng.integers(-12, 2, value.shape) for value in start] for _ in range(steps)]
    after = []
    optimizer.build(variables)
    for step in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient) for gradient in step], variables)
        after.append([tensor(variable) for variable in variables])
    optimizer.finalize_variable_values(variables)
    own = {**camel_keys(settings), **({"excludeFromWeightDecay": ["second"]} if options.get("exclude") else {})}
    return {
        "name": " ".join([kind, *(f"{key} {value}" for key, value in own.items())]),
        "optimizer": kind,
        "options": own,
        "parameters": [tensor(value) for value in start],
        "gradients": [[tensor(gradient) for gradient in step] for step in gradients],
        "after": after,
        "finalized": [tensor(variable) for variable in variables],
    }


def main():
    rng = generator("moreOptimizers")
    write("moreOptimizers", {"cases": [case(rng, *given) for given in CASES]})
