"""Learning rate schedules: the rates of many steps."""

from common import camel_keys, keras, np, write

S = keras.optimizers.schedules
STEPS = [0, 1, 2, 5, 9, 10, 11, 19, 20, 21, 29, 30, 31, 35, 55, 70, 71, 100, 149, 150, 151, 1000]
RATE = {"initial_learning_rate": 0.125, "decay_steps": 10}

CASES = [
    ("ExponentialDecay", {**RATE, "decay_rate": 0.75}),
    ("ExponentialDecay", {**RATE, "decay_rate": 0.75, "staircase": True}),
    ("InverseTimeDecay", {**RATE, "decay_rate": 0.5}),
    ("InverseTimeDecay", {**RATE, "decay_rate": 0.5, "staircase": True}),
    ("PiecewiseConstantDecay", {"boundaries": [10, 30], "values": [0.5, 0.25, 0.125]}),
    ("PolynomialDecay", RATE),
    ("PolynomialDecay", {**RATE, "decay_steps": 30, "power": 2.0, "end_learning_rate": 0.0625}),
    ("PolynomialDecay", {**RATE, "power": 0.5, "cycle": True}),
    ("CosineDecay", {**RATE, "decay_steps": 30}),
    ("CosineDecay", {**RATE, "decay_steps": 60, "alpha": 0.25, "warmup_target": 0.5, "warmup_steps": 10}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.125, "first_decay_steps": 10}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.125, "first_decay_steps": 20, "t_mul": 1.0, "m_mul": 0.75, "alpha": 0.125}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.125, "first_decay_steps": 20, "t_mul": 1.5, "m_mul": 0.5}),
]


def case(kind, options):
    schedule = getattr(S, kind)(**options)
    return {
        "name": " ".join([kind, *(f"{key} {value}" for key, value in camel_keys(options).items())]),
        "schedule": kind,
        "options": camel_keys(options),
        "steps": STEPS,
        "rates": [float(np.asarray(schedule(step))) for step in STEPS],
    }


def main():
    write("schedules", {"cases": [case(*given) for given in CASES]})
