"""The layers that architectures are made of, by the rank of what they take: random options of each of Keras's layers.

An entry takes a Draft and the shape of its input, without the samples, and gives a configuration.
"""

import os

ACTIVATIONS = """linear tanh sigmoid relu softplus softsign elu gelu silu hard_sigmoid mish leaky_relu selu celu relu6 hard_silu hard_tanh
 log_sigmoid soft_shrink hard_shrink tanh_shrink squareplus sparse_plus sparse_sigmoid""".split()
INITIALIZERS = ["glorot_uniform", "he_normal", "orthogonal", "lecun_uniform", "random_normal", "zeros"]
RULES = [
    ("regularizer", {"class": "regularizers.L2", "config": {"l2": 0.01}}),
    ("regularizer", {"class": "regularizers.L1", "config": {"l1": 0.01}}),
    ("regularizer", {"class": "regularizers.L1L2", "config": {"l1": 0.01, "l2": 0.02}}),
    ("constraint", {"class": "constraints.MaxNorm", "config": {"max_value": 0.75, "axis": 0}}),
    ("constraint", {"class": "constraints.NonNeg"}),
    ("constraint", {"class": "constraints.UnitNorm", "config": {"axis": 0}}),
    ("constraint", {"class": "constraints.MinMaxNorm", "config": {"min_value": 0.25, "max_value": 0.75, "rate": 0.5, "axis": 0}}),
]


def weights(draft, *names, activation=True, bias=True):
    """Options that layers with weights share."""
    config = {}
    if activation and draft.often(0.6):
        config["activation"] = draft.one_of(*ACTIVATIONS)
    if bias and draft.often(0.2):
        config["use_bias"] = False
    if draft.often(0.2):
        config[f"{names[0]}_initializer"] = draft.one_of(*INITIALIZERS)
    if draft.often(0.25):
        kind, rule = draft.one_of(*RULES)
        config[f"{draft.one_of(*names)}_{kind}"] = rule
    if activation and draft.often(0.1):
        config["activity_regularizer"] = {"class": "regularizers.L2", "config": {"l2": 0.01}}
    return config


def some(draft, **choices):
    """Options, each of which half of the configurations have."""
    return {name: draft.one_of(*values) for name, values in choices.items() if draft.often(0.5)}


def window(draft, shape, filters=None, transposed=False):
    """Options of a convolution in one dimension or two."""
    dimensions = len(shape) - 1
    config = {"kernel_size": draft.one_of(1, 2, 3), "padding": draft.one_of("same", "valid", *(["causal"] if dimensions == 1 and filters != "separable" and not transposed else []))}
    if dimensions == 2 and draft.often(0.3):
        config["kernel_size"] = [draft.one_of(1, 2), draft.one_of(2, 3)]
    if draft.often(0.5):
        config[draft.one_of("strides", *([] if transposed else ["dilation_rate"]))] = 2
    return config


def convolution(draft, shape, transposed=False):
    config = {"filters": draft.size(), **window(draft, shape, transposed=transposed), **weights(draft, "kernel", "bias")}
    if not transposed and shape[-1] == 4 and draft.often(0.5):
        config |= {"filters": 4, "groups": 2}
    return config


def depthwise(draft, shape):
    return {**window(draft, shape, "separable"), **some(draft, depth_multiplier=[1, 2]), **weights(draft, "depthwise", "bias")}


def separable(draft, shape):
    return {"filters": draft.size(), **window(draft, shape, "separable"), **some(draft, depth_multiplier=[1, 2]), **weights(draft, "depthwise", "pointwise", "bias")}


def pooling(draft, shape):
    return {"pool_size": draft.one_of(2, 3), "padding": draft.one_of("same", "valid"), **some(draft, strides=[1, 2])}


def average_pooling(draft, shape):
    # Keras on PyTorch counts the padding.
    valid = {"padding": "valid"} if os.environ.get("KERAS_BACKEND") == "torch" else {}
    return {**pooling(draft, shape), **valid}


def normalization(draft, shape):
    return {"epsilon": 0.001, **some(draft, center=[True, False], scale=[True, False])}


def recurrent(draft, name, cell=False):
    """Options of a recurrent layer or of a cell."""
    config = {"units": draft.size(), **weights(draft, "kernel", "recurrent", "bias", activation=False)}
    if not cell:
        config |= some(draft, return_sequences=[True, False], go_backwards=[True, False])
        if draft.often(0.2):
            config["zero_output_for_mask"] = True
    if draft.often(0.4):
        config["activation"] = draft.one_of(*ACTIVATIONS)
    if name != "SimpleRNN" and draft.often(0.3):
        config["recurrent_activation"] = draft.one_of("sigmoid", "hard_sigmoid", "tanh", "softsign")
    if name == "GRU" and draft.often(0.4):
        config["reset_after"] = False
    if name == "LSTM" and draft.often(0.2):
        config["unit_forget_bias"] = False
    return config


def rate(draft, low=0.0):
    return draft.one_of(0.1, 0.5) if draft.noise else low


ANY = {
    "Dense": lambda d, s: {"units": d.size(), **weights(d, "kernel", "bias")},
    "Activation": lambda d, s: {"activation": d.one_of(*ACTIVATIONS)},
    "LeakyReLU": lambda d, s: some(d, negative_slope=[0.1, 0.2]),
    "PReLU": lambda d, s: {"shared_axes": list(range(1, len(s)))} if None in s or d.often(0.5) and len(s) > 1 else {},
    "ELU": lambda d, s: some(d, alpha=[0.5, 2.0]),
    "ReLU": lambda d, s: some(d, max_value=[1.5], negative_slope=[0.1], threshold=[0.25]),
    "Softmax": lambda d, s: {},
    "BatchNormalization": lambda d, s: {**normalization(d, s), "momentum": d.one_of(0.9, 0.99)},
    "LayerNormalization": lambda d, s: {**normalization(d, s), **({"axis": [-2, -1]} if len(s) > 1 and None not in s and d.often(0.3) else {})},
    "RMSNormalization": lambda d, s: {"epsilon": 0.001},
    "GroupNormalization": lambda d, s: {**normalization(d, s), "groups": d.one_of(1, -1, *([2] if s[-1] and s[-1] % 2 == 0 else []))},
    "UnitNormalization": lambda d, s: {},
    "Dropout": lambda d, s: {"rate": rate(d)},
    "GaussianNoise": lambda d, s: {"stddev": rate(d)},
    "GaussianDropout": lambda d, s: {"rate": rate(d)},
    "AlphaDropout": lambda d, s: {"rate": rate(d)},
    "ActivityRegularization": lambda d, s: {"l1": d.one_of(0.0, 0.01), "l2": 0.01},
    "Rescaling": lambda d, s: {"scale": d.one_of(0.5, 2.0), **some(d, offset=[-0.5, 0.25])},
    "Identity": lambda d, s: {},
}
VECTORS = {
    "RepeatVector": lambda d, s: {"n": 5},
    "Reshape": lambda d, s: {"target_shape": d.one_of([-1, 1], [1, -1])},
}
SEQUENCES = {
    "Masking": lambda d, s: {"mask_value": 0.0},
    "Flatten": lambda d, s: {},
    # The last size is known.
    "Reshape": lambda d, s: {"target_shape": d.one_of([-1, s[1]], [-1, 1, s[1]], *([[-1, 1]] if None in s else [[-1], [s[1], -1]]))},
    "Permute": lambda d, s: {"dims": [2, 1]},
    "SpatialDropout1D": lambda d, s: {"rate": rate(d)},
    "Conv1D": convolution,
    "DepthwiseConv1D": depthwise,
    "SeparableConv1D": separable,
    "Conv1DTranspose": lambda d, s: convolution(d, s, transposed=True),
    "MaxPooling1D": pooling,
    "AveragePooling1D": average_pooling,
    "GlobalMaxPooling1D": lambda d, s: some(d, keepdims=[True, False]),
    "GlobalAveragePooling1D": lambda d, s: some(d, keepdims=[True, False]),
    "ZeroPadding1D": lambda d, s: {"padding": d.one_of(1, [0, 2])},
    "Cropping1D": lambda d, s: {"cropping": d.one_of(1, [0, 2])},
    "UpSampling1D": lambda d, s: {"size": 2},
}
IMAGES = {
    "Flatten": lambda d, s: {},
    "Reshape": lambda d, s: {"target_shape": [-1, s[-1]]},
    "Permute": lambda d, s: {"dims": d.one_of([2, 1, 3], [3, 1, 2])},
    "SpatialDropout2D": lambda d, s: {"rate": rate(d)},
    "Conv2D": convolution,
    "DepthwiseConv2D": depthwise,
    "SeparableConv2D": separable,
    "Conv2DTranspose": lambda d, s: convolution(d, s, transposed=True),
    "MaxPooling2D": pooling,
    "AveragePooling2D": average_pooling,
    "GlobalMaxPooling2D": lambda d, s: some(d, keepdims=[True, False]),
    "GlobalAveragePooling2D": lambda d, s: some(d, keepdims=[True, False]),
    "ZeroPadding2D": lambda d, s: {"padding": d.one_of(1, [1, 0], [[0, 1], [2, 0]])},
    "Cropping2D": lambda d, s: {"cropping": d.one_of([1, 0], [[0, 1], [1, 0]])},
    "UpSampling2D": lambda d, s: {"size": d.one_of(2, [1, 2])},
}
"""Layers of one input by its rank without the samples."""
SIMPLE = {1: ANY | VECTORS, 2: ANY | SEQUENCES, 3: ANY | IMAGES}
CELLS = ["SimpleRNN", "LSTM", "GRU"]
MERGES = ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot"]
ELEMENTWISE = ["ops.tanh", "ops.sigmoid", "ops.relu", "ops.square", "ops.softplus", "ops.negative", "ops.abs"]
REDUCTIONS = ["ops.mean", "ops.sum", "ops.max", "ops.min"]

VOCABULARY = ["the", "cat", "sat", "on", "mat"]
"""Preprocessing layers, by what they take: layers that a Sequential model begins with."""
PREPROCESSING = {
    "texts": {
        "TextVectorization": lambda d: {"vocabulary": VOCABULARY, "output_sequence_length": d.one_of(4, 6), **some(d, standardize=["lower", "lower_and_strip_punctuation"])},
        "StringLookup": lambda d: {"vocabulary": VOCABULARY, "num_oov_indices": d.one_of(1, 2), **some(d, mask_token=["the"])},
        "Hashing": lambda d: {"num_bins": 6, **some(d, salt=[7, [3, 5]], mask_value=["the"])},
    },
    "integers": {
        "IntegerLookup": lambda d: {"vocabulary": [1, 3, 5, 6], "num_oov_indices": d.one_of(1, 2), **some(d, output_mode=["multi_hot", "count", "int"])},
        "CategoryEncoding": lambda d: {"num_tokens": 7, "output_mode": d.one_of("multi_hot", "count")},
    },
    "floats": {
        "Normalization": lambda d: {"axis": -1, "mean": 0.25, "variance": 2.0, **some(d, invert=[True])},
        "Discretization": lambda d: {"bin_boundaries": [-1.0, 0.0, 0.5], **some(d, output_mode=["int", "multi_hot", "count"])},
        "Rescaling": lambda d: {"scale": 2.0, "offset": 0.5},
    },
}
