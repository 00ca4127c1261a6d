"""Loads `.keras` files that Backtime wrote in Keras, and compares what they give with the golden outputs.

    BACKTIME_KERAS_FILES=folder npx vitest run test/formats/keras/kerasFiles test/formats/keras/preparation
    .venv/bin/python scripts/checks/kerasFiles.py folder
    KERAS_BACKEND=tensorflow .venv/bin/python scripts/checks/kerasFiles.py folder kerasPreparation
"""

import json
import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras  # noqa: E402
import numpy as np  # noqa: E402

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "test" / "golden"


def largest_difference(case, folder):
    model = keras.models.load_model(folder / f"{case['name']}.keras")
    inputs = [np.array(each["data"]).reshape(each["shape"]) for each in case["inputs"]]
    # An eager call also takes texts, and compiles nothing.
    inputs = [keras.ops.convert_to_tensor(each) for each in inputs]
    outputs = model(inputs if len(inputs) > 1 else inputs[0])
    if isinstance(outputs, dict):
        outputs = [outputs[name] for name in model._outputs_struct]
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    expected = [np.array(each["data"]).reshape(each["shape"]) for each in case["outputs"]]
    return max(float(np.max(np.abs(output - wanted))) for output, wanted in zip(outputs, expected, strict=True))


def main(folder, golden="kerasFiles"):
    if golden == "kerasFiles":
        # It registers the class of a user that a file has.
        sys.path.insert(0, str(GOLDEN.parents[1] / "scripts" / "golden"))
        __import__(golden)
        keras.backend.set_floatx("float32")
    failed = 0
    cases = json.loads((GOLDEN / f"{golden}.json").read_text())["models"]
    for case in cases:
        try:
            difference = largest_difference(case, folder)
            problem = None if difference <= 1e-5 else f"differs by {difference}"
        except Exception as error:  # noqa: BLE001
            problem = f"{type(error).__name__}: {str(error)[:600]}"
        if problem:
            failed += 1
            print(f"FAILED {case['name']}: {problem}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.exit(1 if main(pathlib.Path(sys.argv[1]), *sys.argv[2:]) else 0)
