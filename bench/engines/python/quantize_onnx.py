"""Quantizes an ONNX file as onnxruntime's guide says for recurrent networks: int8 weights, activations at run time.

    python quantize_onnx.py FROM TO
"""

import sys

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic

# quantize_dynamic leaves these as they are, so the file would run in f32.
NOT_QUANTIZED = {"GRU", "RNN"}


def main():
    source, target = sys.argv[1:]
    graph = onnx.load(source).graph
    left = sorted(NOT_QUANTIZED & {node.op_type for node in graph.node})
    if left:
        sys.exit(f"onnxruntime's quantize_dynamic does not quantize {' and '.join(left)}")
    quantize_dynamic(source, target, weight_type=QuantType.QInt8)
    operators = {node.op_type for node in onnx.load(target).graph.node}
    if "DynamicQuantizeLSTM" not in operators:
        sys.exit(f"onnxruntime's quantize_dynamic quantized no LSTM; the file has {', '.join(sorted(operators))}")


main()
