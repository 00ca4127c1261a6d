"""The names that Keras has, for the tables of FEATURES.md."""

import inspect
import json

from common import OUTPUT, camel, keras

MODULES = {
    "layers": keras.layers,
    "losses": keras.losses,
    "metrics": keras.metrics,
    "optimizers": keras.optimizers,
    "schedules": keras.optimizers.schedules,
    "initializers": keras.initializers,
    "regularizers": keras.regularizers,
    "constraints": keras.constraints,
    "callbacks": keras.callbacks,
}
# Base classes, which no model has by themselves.
BASES = {"Layer", "Loss", "Metric", "Optimizer", "LearningRateSchedule", "Initializer", "Regularizer", "Constraint", "Callback", "CallbackList", "Wrapper", "InputSpec"}


def classes(module):
    """Each class once, without its aliases."""
    found = [(name, value) for name, value in vars(module).items() if inspect.isclass(value)]
    return sorted(name for name, value in found if name == value.__name__ and name not in BASES)


def main():
    functions = [name for name, value in vars(keras.activations).items() if inspect.isfunction(value)]
    names = {"activations": sorted(camel(name) for name in functions if name not in ("get", "serialize", "deserialize"))}
    names.update({kind: classes(module) for kind, module in MODULES.items()})
    content = {"kerasVersion": keras.__version__, "names": names}
    (OUTPUT / "kerasNames.json").write_text(json.dumps(content, indent=1) + "\n")
