"""ONNX files: the cases of ONNX's own tests for recurrent operators, and what onnxruntime gives for Backtime's files.

The second part reads the folder that `BACKTIME_ONNX_FOLDER` names; test/formats/onnx/crossCheck.test.ts writes it. So
after a change of what Backtime writes:

    export BACKTIME_ONNX_FOLDER=/tmp/onnx-files
    node_modules/.bin/vitest run test/formats/onnx/crossCheck.test.ts && npm run golden -- onnxFiles
"""

import base64
import json
import os
import pathlib
import zlib

from common import OUTPUT, compact

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases

TYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(bool)": np.bool_}


def plain(array):
    return {"shape": list(array.shape), "data": [float(f"{value:.6g}") for value in np.asarray(array, dtype=np.float64).ravel()]}


def with_weights(model, inputs):
    """The file of a test with its weights as initializers, and the other inputs by name."""
    graph = onnx.ModelProto.FromString(model.SerializeToString()).graph
    rest = {}
    for value, array in zip(list(graph.input), inputs, strict=True):
        if value.name in ("W", "R", "B", "P"):
            graph.initializer.append(numpy_helper.from_array(np.asarray(array), value.name))
            graph.input.remove(value)
        else:
            rest[value.name] = plain(np.asarray(array))
    made = onnx.ModelProto.FromString(model.SerializeToString())
    made.graph.CopyFrom(graph)
    return base64.b64encode(made.SerializeToString()).decode(), rest


def backend_cases():
    # They are collected once: a second call with another operator finds none.
    for case in collect_testcases(""):
        if not any(node.op_type in ("LSTM", "GRU", "RNN") for node in case.model.graph.node):
            continue
        inputs, outputs = case.data_sets[0]
        content, rest = with_weights(case.model, inputs)
        names = [output.name for output in case.model.graph.output]
        expected = {name: plain(array) for name, array in zip(names, outputs, strict=True)}
        yield {"name": case.name, "bytes": content, "inputs": rest, "outputs": expected}


def written_cases(folder):
    for path in sorted(pathlib.Path(folder).glob("*.onnx")):
        case = json.loads(path.with_suffix(".json").read_text())
        content = path.read_bytes()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        given = {
            taken.name: np.array(case["inputs"][taken.name]["data"], TYPES[taken.type]).reshape(case["inputs"][taken.name]["shape"])
            for taken in session.get_inputs()
        }
        yield {"name": case["name"], "crc": zlib.crc32(content), "outputs": [plain(output) for output in session.run(None, given)]}


def write_file(name, key, cases):
    header = {"generator": "scripts/golden/onnxFiles.py", "onnxVersion": onnx.__version__, "onnxruntimeVersion": onnxruntime.__version__}
    lines = ",\n".join(compact(case) for case in cases)
    path = OUTPUT / f"{name}.json"
    path.write_text(f'{{"header":{compact(header)},\n"{key}":[\n{lines}\n]}}\n')
    print(f"{path.name}: {path.stat().st_size} bytes")


def main():
    write_file("onnxBackend", "cases", backend_cases())
    folder = os.environ.get("BACKTIME_ONNX_FOLDER")
    if folder:
        write_file("onnxWritten", "cases", written_cases(folder))
    else:
        print("onnxWritten.json stays: BACKTIME_ONNX_FOLDER names no folder")


if __name__ == "__main__":
    main()
