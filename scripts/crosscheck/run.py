"""Compares random architectures in Keras (TensorFlow backend, float64, eager) and in Backtime, both ways through .keras files.

`npm run crosscheck -- --count 100` makes the environment and starts this. Messages to Node are lines of JSON.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, os.path.dirname(__file__))

import keras  # noqa: E402
import numpy as np  # noqa: E402

from architectures import architecture, smaller  # noqa: E402
from build import compile_for, model_of, random_inputs, random_weights  # noqa: E402

TRAINED_STEPS = 2
"""The largest difference, relative to the largest number or 1."""
TOLERANCE = {"reference": 1e-6, "wasm": 2e-3}


class Backtime:
    """A process of Node that loads models and answers what they compute."""

    def __init__(self):
        server = os.path.join(os.path.dirname(__file__), "server.mjs")
        self.process = subprocess.Popen(["node", server], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the process of Backtime ended")
        return json.loads(line)


def as_data(array):
    return {"shape": list(array.shape), "data": np.asarray(array, "float64").ravel().tolist()}


def as_array(data):
    return np.array(data["data"], "float64").reshape(data["shape"])


def listed(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def in_keras(spec, weights, x, y):
    """Outputs, losses and weights after steps of training, in float64."""
    keras.config.set_floatx("float64")
    try:
        model = model_of(spec)
        model.set_weights(weights)
        outputs = [np.asarray(each) for each in listed(model(x if len(x) > 1 else x[0]))]
        compile_for(model, spec)
        losses = []
        for _ in range(TRAINED_STEPS):
            losses.append(float(listed(model.train_on_batch(x if len(x) > 1 else x[0], y if len(y) > 1 else y[0]))[0]))
        return outputs, losses, [np.asarray(weight) for weight in model.get_weights()]
    finally:
        keras.config.set_floatx("float32")


def difference(actual, expected):
    """The largest difference, relative to the largest number or 1; infinite where shapes differ."""
    if list(actual.shape) != list(expected.shape):
        return float("inf")
    if actual.size == 0:
        return 0.0
    worst = np.max(np.abs(actual - expected)) / max(1.0, float(np.max(np.abs(expected))))
    return float(worst) if np.isfinite(worst) else float("inf")


def faults(spec, seed, backtime, folder, backend="reference"):
    """What differs between Keras and Backtime for an architecture; empty when nothing does."""
    rng = np.random.default_rng(seed)
    model = model_of(spec)
    weights = random_weights(model, rng)
    x = random_inputs(spec, rng)
    y = [rng.normal(0, 1, each.shape).astype("float32") for each in listed(model(x if len(x) > 1 else x[0]))]
    compile_for(model, spec)
    path = os.path.join(folder, "keras.keras")
    model.save(path)
    outputs, losses, trained = in_keras(spec, weights, x, y)
    back = os.path.join(folder, "backtime.keras")
    answer = backtime.ask(
        {"file": path, "back": back, "backend": backend, "x": [as_data(each) for each in x], "y": [as_data(each) for each in y], "steps": TRAINED_STEPS}
    )
    if "error" in answer:
        return [answer["error"]]
    found = []
    tolerance = TOLERANCE[backend]
    pairs = [("output", answer["outputs"], outputs), ("weights after training", answer["weights"], trained)]
    for what, actual, expected in pairs:
        if len(actual) != len(expected):
            found.append(f"{len(actual)} {what} instead of {len(expected)}")
            continue
        for index, (one, other) in enumerate(zip(actual, expected)):
            distance = difference(as_array(one), other)
            if not distance <= tolerance:
                found.append(f"{what} {index} differs by {distance:.2e}")
    for step, (one, other) in enumerate(zip(answer["losses"], losses)):
        if not abs(one - other) <= tolerance * max(1.0, abs(other)):
            found.append(f"loss of step {step} is {one}, in Keras {other}")
    if answer.get("written") and not found:
        keras.backend.clear_session()
        again = keras.saving.load_model(back)
        own = listed(again(x if len(x) > 1 else x[0]))
        for index, (one, other) in enumerate(zip(own, outputs)):
            distance = difference(np.asarray(one, "float64"), other)
            if not distance <= 1e-4:
                found.append(f"output {index} of the file that Backtime wrote differs by {distance:.2e} in Keras")
    elif answer.get("writeError"):
        found.append(f"writing: {answer['writeError']}")
    return found


def shrunk(spec, seed, backtime, folder, kind):
    """A smaller architecture with a fault of the same kind."""
    changed = True
    while changed:
        changed = False
        for candidate in smaller(spec):
            try:
                found = faults(candidate, seed, backtime, folder)
            except Exception:  # Keras cannot build it
                continue
            if found and found[0].split(" ")[0] == kind:
                spec, changed = candidate, True
                break
    return spec


def main():
    parser = argparse.ArgumentParser(prog="npm run crosscheck --", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100, help="how many architectures (default 100)")
    parser.add_argument("--seed", type=int, default=1, help="the first one's seed (default 1)")
    parser.add_argument("--backend", choices=sorted(TOLERANCE), default="reference")
    given = parser.parse_args()
    backtime = Backtime()
    failed, refused = 0, {}
    with tempfile.TemporaryDirectory() as folder:
        for index in range(given.count):
            seed = given.seed + index
            spec = architecture(np.random.default_rng(seed))
            try:
                found = faults(spec, seed, backtime, folder, given.backend)
            except Exception as error:  # noqa: BLE001
                found = [f"Keras: {type(error).__name__}: {str(error)[:300]}"]
            if found:
                failed += 1
                kind = found[0].split(" ")[0]
                if kind not in refused and not kind.startswith("Keras"):
                    spec = shrunk(spec, seed, backtime, folder, kind)
                refused.setdefault(kind, []).append(seed)
                print(f"seed {seed}: {'; '.join(found)[:500]}\n{json.dumps(spec)}", flush=True)
            if (index + 1) % 25 == 0:
                print(f"{index + 1 - failed} of {index + 1} architectures agree", flush=True)
    print(f"{given.count - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
