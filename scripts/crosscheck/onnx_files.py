"""Runs the ONNX files that Backtime writes."""

import onnxruntime

TYPES = {"tensor(float)": "float32", "tensor(int64)": "int64", "tensor(bool)": "bool"}


def run_onnx(file, inputs):
    """The outputs of an ONNX file."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    given = {each.name: value.astype(TYPES[each.type]) for each, value in zip(session.get_inputs(), inputs, strict=True)}
    return session.run(None, given)
