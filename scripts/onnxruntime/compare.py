"""Runs the ONNX files of a folder in onnxruntime, and compares what they give with Backtime's outputs.

    BACKTIME_ONNX_FOLDER=/tmp/onnx-files node_modules/.bin/vitest run test/formats/onnx/crossCheck.test.ts
    python scripts/onnxruntime/compare.py /tmp/onnx-files

With BACKTIME_ONNX_GRAPHS=200 there are as many random graphs beside them. The test writes a file.onnx and a
file.json, inputs and outputs of two numbers of samples and of steps, for each of its models. It needs numpy, onnx
and onnxruntime (scripts/golden/requirements.txt has the versions). Every file is checked by onnx.checker, too.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime

# Of float32s: onnxruntime's sigmoid and tanh are approximations.
TOLERANCE = 2e-5
TYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(bool)": np.bool_}


def array(tensor, dtype=np.float64):
    return np.array(tensor["data"], dtype=dtype).reshape(tensor["shape"])


def difference(path):
    """The largest difference, relative to numbers above 1, between what both give."""
    case = json.loads(path.with_suffix(".json").read_text())
    onnx.checker.check_model(onnx.load(path), full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    types = {taken.name: TYPES[taken.type] for taken in session.get_inputs()}
    worst = 0.0
    for data in (case, case["other"]):
        given = {name: array(value, types[name]) for name, value in data["inputs"].items()}
        for actual, expected in zip(session.run(None, given), map(array, data["outputs"]), strict=True):
            if actual.shape != expected.shape:
                raise ValueError(f"shape {actual.shape}, expected {expected.shape}")
            if not np.all(np.isfinite(expected)):
                raise ValueError("outputs that are not finite cannot be compared")
            distance = float(np.max(np.abs(actual - expected) / np.maximum(1, np.abs(expected)), initial=0))
            # NaN is no agreement.
            worst = max(worst, distance if np.isfinite(distance) else np.inf)
    return case["name"], worst


def main():
    failed, largest = 0, 0.0
    paths = sorted(pathlib.Path(sys.argv[1]).glob("*.onnx"))
    for path in paths:
        try:
            name, worst = difference(path)
            largest = max(largest, worst)
            if worst <= TOLERANCE:
                continue
            message = f"differs by {worst:.1e}"
        except Exception as error:  # onnxruntime has errors of many classes
            name, message = json.loads(path.with_suffix(".json").read_text())["name"], str(error)[:500]
        failed += 1
        print(f"{path.name} {name}: {message}")
    print(f"{len(paths)} files, {failed} failed; onnxruntime {onnxruntime.__version__}, largest difference {largest:.1e}")
    sys.exit(1 if failed or not paths else 0)


if __name__ == "__main__":
    main()
