"""The Keras model of a workload, compiled."""

import keras


def make_model(workload):
    layers = keras.layers
    first = workload["layers"][0]
    if first["type"] == "OneHot":
        inputs = keras.Input((workload["steps"], first["depth"]))
    elif "vocabulary" in workload:
        inputs = keras.Input((workload["steps"],), dtype="int32")
    else:
        inputs = keras.Input((workload["steps"], workload["features"]))
    model = keras.Sequential([inputs])
    for layer in workload["layers"]:
        kind = layer["type"]
        if kind == "Embedding":
            model.add(layers.Embedding(layer["vocabulary"], layer["units"], mask_zero=layer.get("maskZero", False)))
        elif kind == "Dense":
            model.add(layers.Dense(layer["units"], activation=layer["activation"]))
        elif kind != "OneHot":
            make = {"SimpleRNN": layers.SimpleRNN, "LSTM": layers.LSTM, "GRU": layers.GRU}[kind]
            model.add(make(layer["units"], return_sequences=layer.get("returnSequences", False)))
    losses = {
        "binaryCrossentropy": "binary_crossentropy",
        "sparseCategoricalCrossentropy": "sparse_categorical_crossentropy",
        "meanSquaredError": "mean_squared_error",
    }
    model.compile(optimizer=workload["optimizer"], loss=losses[workload["loss"]])
    return model
