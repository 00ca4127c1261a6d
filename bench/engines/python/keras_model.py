"""The Keras model of a workload, compiled."""

import keras
from keras import layers

LOSSES = {
    "binaryCrossentropy": "binary_crossentropy",
    "sparseCategoricalCrossentropy": "sparse_categorical_crossentropy",
    "meanSquaredError": "mean_squared_error",
}
RECURRENT = {"SimpleRNN": layers.SimpleRNN, "LSTM": layers.LSTM, "GRU": layers.GRU}


def make_input(workload):
    first = workload["layers"][0]
    if first["type"] == "OneHot":
        return keras.Input((workload["steps"], first["depth"]))
    if "vocabulary" in workload:
        return keras.Input((workload["steps"],), dtype="int32")
    return keras.Input((workload["steps"], workload["features"]))


def apply(layer, value, **call):
    """The output of a layer of the description; `call` goes to a recurrent layer alone."""
    kind = layer["type"]
    if kind == "OneHot":
        return value
    if kind == "Embedding":
        return layers.Embedding(layer["vocabulary"], layer["units"], mask_zero=layer.get("maskZero", False))(value)
    if kind == "Dense":
        return layers.Dense(layer["units"], activation=layer["activation"])(value)
    recurrent = RECURRENT[kind](layer["units"], return_sequences=layer.get("returnSequences", False))
    return (layers.Bidirectional(recurrent) if layer.get("bidirectional") else recurrent)(value, **call)


def make_model(workload):
    inputs, call = [make_input(workload)], {}
    if "encoder" in workload:
        *before, begin = workload["encoder"]
        source = make_input(workload)
        inputs = [source, *inputs]
        value = source
        for layer in before:
            value = apply(layer, value)
        _, *state = RECURRENT[begin["type"]](begin["units"], return_state=True)(value)
        call = {"initial_state": state}
    value = inputs[-1]
    for layer in workload["layers"]:
        value = apply(layer, value, **call)
    model = keras.Model(inputs if len(inputs) > 1 else inputs[0], value)
    model.compile(optimizer=workload["optimizer"], loss=LOSSES[workload["loss"]])
    return model
