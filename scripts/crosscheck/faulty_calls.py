"""Finds calls of layers that Keras itself does not compute as it says: some are known only when a model runs."""

import contextlib

import keras
from keras.src.backend import get_keras_mask as mask_of

ATTENTION = (keras.layers.Attention, keras.layers.AdditiveAttention, keras.layers.MultiHeadAttention)


def fault_of(layer, tensors, options):
    """The reason why a call of a layer is not compared, or None."""
    if isinstance(layer, keras.layers.EinsumDense) and adds_to_steps(layer, tensors[0]):
        return "Keras on TensorFlow adds the biases of heads to steps"
    # A mask that reaches the inside of a model is not known before.
    if not any(mask_of(tensor) is not None for tensor in keras.tree.flatten(tensors) if tensor is not None):
        return None
    if isinstance(layer, (keras.layers.RNN, keras.layers.Bidirectional)) and (len(tensors) > 1 or options.get("initial_state") is not None):
        return "Keras loses the mask of a layer that is given states"
    if isinstance(layer, keras.layers.RNN) and layer.stateful and layer.return_sequences:
        return "at masked steps before the first that counts Keras gives zeros on TensorFlow and the state on JAX"
    if isinstance(layer, ATTENTION) and options.get("use_causal_mask"):
        return "steps that may look at masked steps alone have other weights in float64 than in float32"
    if isinstance(layer, keras.layers.MultiHeadAttention) and options.get("return_attention_scores"):
        return "the scores have the mask of the attention"
    return None


def adds_to_steps(layer, tensor):
    """Whether biases [n, 1] go to values whose axis 1 has n sizes too: `keras.ops.add` on TensorFlow takes them for channels there."""
    sizes = [] if layer.bias is None else [size for size in layer.bias.shape if size > 1]
    # Axis 1 of heads is that of the steps that come.
    return len(sizes) == 1 and len(layer.bias.shape) > 1 and tensor.shape[1] == sizes[0] != layer.bias.shape[-1]


@contextlib.contextmanager
def refused():
    """Raises a ValueError at a call that is not compared."""
    call = keras.layers.Layer.__call__

    def checked(self, *args, **kwargs):
        options = {name: value for name, value in kwargs.items() if name not in ("query", "value", "key")}
        fault = fault_of(self, [*args, *(value for name, value in kwargs.items() if name not in options)], options)
        if fault:
            raise ValueError(fault)
        return call(self, *args, **kwargs)

    keras.layers.Layer.__call__ = checked
    try:
        yield
    finally:
        keras.layers.Layer.__call__ = call
