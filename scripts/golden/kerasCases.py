"""The cases of golden files that hold files of Keras: functions that make models, by their names."""

import json
import os

from common import OUTPUT, keras, write


class Cases:
    """Cases of one golden file, in the order in which they are registered."""

    def __init__(self):
        self._cases = []

    def __call__(self, build=None, **options):
        """Registers a function that returns a model, with options of the case: `@case(inputs=…)`."""

        def register(function):
            if any(name == function.__name__ for name, _, _ in self._cases):
                raise ValueError(f"two cases are called {function.__name__}")
            self._cases.append((function.__name__, function, options))
            return function

        return register(build) if build else register

    def write(self, golden, made):
        """Makes the cases that the golden file does not have; with FRESH=1 all of them, whose bytes differ by their dates."""
        path = OUTPUT / f"{golden}.json"
        kept = json.loads(path.read_text())["models"] if path.exists() and "FRESH" not in os.environ else []
        known = {model["name"]: model for model in kept}
        models = []
        for name, build, options in self._cases:
            models.append(known.get(name) or made(name, build, **options))
            if name not in known:
                print(name, flush=True)
        write(golden, {"models": models})


def in_type(dtype, build):
    """A model of this type, with names that begin anew."""
    keras.backend.clear_session()
    keras.backend.set_floatx(dtype)
    try:
        return build()
    finally:
        keras.backend.set_floatx("float64")
