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

from common import OUTPUT, SEED, compact

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


def random_case(rng, index):
    """A recurrent node with random weights and options, and what onnxruntime gives: ONNX's own cases have equal weights."""
    operator, gates, peepholes = [("LSTM", 4, 3), ("GRU", 3, 0), ("RNN", 1, 0)][index % 3]
    direction = ["forward", "reverse", "bidirectional"][index // 3 % 3]
    directions = 2 if direction == "bidirectional" else 1
    steps, count, features, units = 5, 4, 3, 2
    array = lambda *shape: np.round(rng.normal(size=shape) * 64).astype(np.float32) / 128  # noqa: E731
    weights = {"W": array(directions, gates * units, features), "R": array(directions, gates * units, units)}
    weights["B"] = array(directions, 2 * gates * units)
    inputs = {"X": array(steps, count, features)}
    if index % 2:
        inputs["sequence_lens"] = np.array([5, 1, 3, 4], np.int32)
    states = ["initial_h", "initial_c"][: 2 if operator == "LSTM" else 1] if index % 4 > 1 else []
    inputs |= {name: array(directions, count, units) for name in states}
    attributes = {"hidden_size": units, "direction": direction}
    if operator == "GRU":
        attributes["linear_before_reset"] = index // 3 % 2
    if index >= 18:
        own = {"LSTM": ["HardSigmoid", "Relu", "Relu"], "GRU": ["HardSigmoid", "Softsign"], "RNN": ["Elu"]}[operator]
        attributes["activations"] = own * directions
        if operator == "LSTM":
            weights["P"] = array(directions, peepholes * units)
    names = ["X", "W", "R", "B", *(name if name in inputs else "" for name in ("sequence_lens", "initial_h"))]
    names += ["initial_c" if "initial_c" in inputs else "", "P" if "P" in weights else ""] if operator == "LSTM" else []
    outputs = ["Y", "Y_h", "Y_c"][: 3 if operator == "LSTM" else 2]
    node = onnx.helper.make_node(operator, names, outputs, name=f"{operator.lower()}/{operator}", **attributes)
    kinds = {"sequence_lens": onnx.TensorProto.INT32}
    graph = onnx.helper.make_graph(
        [node],
        "random",
        [onnx.helper.make_tensor_value_info(name, kinds.get(name, onnx.TensorProto.FLOAT), value.shape) for name, value in inputs.items()],
        [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    content = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    given = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(None, inputs)
    return {
        "name": f"random_{operator.lower()}_{index}",
        "bytes": base64.b64encode(content).decode(),
        "inputs": {name: plain(value) for name, value in inputs.items()},
        "outputs": {name: plain(value) for name, value in zip(outputs, given, strict=True)},
    }


def recurrent_cases():
    yield from backend_cases()
    for index in range(27):
        yield random_case(np.random.default_rng([SEED, index]), index)


# What other programs write for layers that Backtime has: operators, inputs' shapes, constants' shapes, attributes, version.
# A constant that is a list is itself; a node's inputs are the input, then the constants.
CHANNELS, IMAGE = ["N", 4, "T"], ["N", 4, 5, 6]
OTHER_NODES = {
    "Conv with zeros around images": ("Conv", IMAGE, [[3, 4, 3, 3], [3]], {"pads": [1, 1, 1, 1], "strides": [2, 2]}),
    "Conv with other zeros": ("Conv", IMAGE, [[3, 4, 2, 3]], {"pads": [0, 2, 1, 0]}),
    "Conv with zeros around steps": ("Conv", CHANNELS, [[3, 4, 3], [3]], {"pads": [2, 1], "strides": [2]}),
    "Conv of each channel": ("Conv", CHANNELS, [[8, 1, 3], [8]], {"group": 4, "pads": [1, 1]}),
    "Conv of each channel, causal": ("Conv", CHANNELS, [[4, 1, 3]], {"group": 4, "pads": [2, 0]}),
    "Conv in groups": ("Conv", CHANNELS, [[6, 2, 3]], {"group": 2, "dilations": [2]}),
    "ConvTranspose of PyTorch": ("ConvTranspose", IMAGE, [[4, 3, 4, 4], [3]], {"pads": [1, 1, 1, 1], "strides": [2, 2]}),
    "ConvTranspose with output_padding": ("ConvTranspose", IMAGE, [[4, 3, 3, 3]], {"pads": [1, 1, 1, 1], "strides": [2, 2], "output_padding": [1, 1]}),
    "ConvTranspose without ends": ("ConvTranspose", CHANNELS, [[4, 3, 5], [3]], {"pads": [3, 1], "strides": [2]}),
    "ConvTranspose without corners": ("ConvTranspose", IMAGE, [[4, 3, 3, 5]], {"pads": [0, 2, 1, 0], "strides": [1, 2], "output_padding": [0, 1]}),
    "ConvTranspose with dilations": ("ConvTranspose", CHANNELS, [[4, 3, 3]], {"dilations": [2]}),
    "ConvTranspose with larger strides": ("ConvTranspose", CHANNELS, [[4, 3, 2]], {"strides": [4], "output_padding": [1]}),
    "InstanceNormalization": ("InstanceNormalization", IMAGE, [[4], [4]], {"epsilon": 0.01}),
    "InstanceNormalization of steps": ("InstanceNormalization", CHANNELS, [[4], [4]], {}),
    "GroupNormalization of groups": ("GroupNormalization", IMAGE, [[2], [2]], {"num_groups": 2, "epsilon": 0.01}, 18),
    "GroupNormalization of channels": ("GroupNormalization", CHANNELS, [[4], [4]], {"num_groups": 2, "epsilon": 0.01}, 21),
    "Resize of PyTorch": ("Resize", IMAGE, ["", [1.0, 1.0, 2.0, 3.0]], {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}),
    "Resize by half pixels": ("Resize", IMAGE, ["", [1.0, 1.0, 3.0, 2.0]], {}),
    "Resize to sizes": ("Resize", IMAGE, ["", "", [2, 4, 10, 6]], {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}),
    "Resize of steps": ("Resize", CHANNELS, ["", [1.0, 1.0, 2.0]], {}),
    "Pad of some axes": ("Pad", IMAGE, [[2, 0, 1, 3], "", [2, 3]], {}, 18),
    "Pad that takes away": ("Pad", IMAGE, [[0, 0, -1, 2, 0, 0, 1, -2]], {}),
    "Pad of steps": ("Pad", CHANNELS, [[0, 0, 1, 0, 0, -2]], {}),
    "Slice of the ends": ("Slice", IMAGE, [[1, 2], [-1, -1], [3, 2]], {}),
    "Slice of every second": ("Slice", CHANNELS, [[0], [100], [2], [2]], {}),
    "Slice backwards": ("Slice", IMAGE, [[-1], [-6], [3], [-2]], {}),
    "ReduceL2": ("ReduceL2", IMAGE, [], {"axes": [1], "keepdims": 1}),
    "GlobalAveragePool": ("GlobalAveragePool", IMAGE, [], {}),
    "GlobalMaxPool of steps": ("GlobalMaxPool", CHANNELS, [], {}),
    "ReduceMean of images": ("ReduceMean", IMAGE, [], {"axes": [2, 3], "keepdims": 0}),
}


def other_case(name, index):
    """A node as other programs write it, and what onnxruntime gives for it."""
    operator, shape, constants, attributes, version = (*OTHER_NODES[name], 17)[:5]
    rng = np.random.default_rng([SEED, 1000 + index])
    array = lambda sizes: (np.round(rng.normal(size=sizes) * 64) / 128).astype(np.float32)  # noqa: E731
    # The whole numbers of these operators are constants themselves; those of the others are sizes of weights.
    given = operator in ("Resize", "Pad", "Slice")
    values = {}
    for place, constant in enumerate(constants):
        if constant != "":
            kind = np.float32 if given and isinstance(constant[0], float) else np.int64
            values[f"constant_{place}"] = np.array(constant, kind) if given else array(constant)
    inputs = ["x", *("" if constant == "" else f"constant_{place}" for place, constant in enumerate(constants))]
    x = array([{"N": 2, "T": 7}.get(size, size) for size in shape])
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node(operator, inputs, ["y"], name="node", **attributes)],
        "other",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, shape)],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in values.items()],
    )
    content = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", version)], ir_version=8).SerializeToString()
    [y] = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(None, {"x": x})
    return {"name": name, "bytes": base64.b64encode(content).decode(), "x": plain(x), "y": plain(y)}


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
    write_file("onnxBackend", "cases", recurrent_cases())
    write_file("onnxNodes", "cases", (other_case(name, index) for index, name in enumerate(OTHER_NODES)))
    folder = os.environ.get("BACKTIME_ONNX_FOLDER")
    if folder:
        write_file("onnxWritten", "cases", written_cases(folder))
    else:
        print("onnxWritten.json stays: BACKTIME_ONNX_FOLDER names no folder")


if __name__ == "__main__":
    main()
