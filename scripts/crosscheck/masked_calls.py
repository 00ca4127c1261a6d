"""What Keras itself does not do as it says when a mask reaches a layer; inside of a model that is known only when it runs."""

import contextlib

import keras
from keras.src.backend import get_keras_mask as mask_of

ATTENTION = (keras.layers.Attention, keras.layers.AdditiveAttention, keras.layers.MultiHeadAttention)


def fault_of(layer, given, options):
    """The reason why a call of a layer is not compared, or None."""
    if not any(mask_of(tensor) is not None for tensor in keras.tree.flatten(given) if tensor is not None):
        return None
    if isinstance(layer, (keras.layers.RNN, keras.layers.Bidirectional)) and (len(given) > 1 or options.get("initial_state") is not None):
        return "Keras loses the mask of a layer that is given states"
    if isinstance(layer, ATTENTION) and options.get("use_causal_mask"):
        return "steps that may look at masked steps alone have other weights in float64 than in float32"
    if isinstance(layer, keras.layers.MultiHeadAttention) and options.get("return_attention_scores"):
        return "the scores have the mask of the attention"
    return None


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
