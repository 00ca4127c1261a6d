"""Makes Keras models of the architectures of `architectures.py`, in the float type that Keras has at that moment."""

import keras
import numpy as np
import tensorflow as tf

from architectures import LIMIT, STEPS

BATCH = 3

# TensorFlow gives the gradient of an Embedding as slices, one for each occurrence of an id, which optimizers with slots do not sum first.
apply = keras.optimizers.Optimizer.apply


def apply_dense(self, grads, trainable_variables=None):
    return apply(self, [tf.convert_to_tensor(grad) if isinstance(grad, tf.IndexedSlices) else grad for grad in grads], trainable_variables)


keras.optimizers.Optimizer.apply = apply_dense


def layer_of(name, config):
    """A layer, with the layers and cells that its configuration holds."""
    if name == "RNN":
        cells = [layer_of(cell["class"], cell["config"]) for cell in config["cells"]]
        rest = {key: value for key, value in config.items() if key != "cells"}
        return keras.layers.RNN(cells[0] if len(cells) == 1 else cells, **rest)
    if "layer" in config:
        inner = layer_of(config["layer"]["class"], config["layer"]["config"])
        return getattr(keras.layers, name)(inner, **{key: value for key, value in config.items() if key != "layer"})
    config = {key: rule_of(value) if isinstance(value, dict) else value for key, value in config.items()}
    return getattr(keras.layers, name)(**config)


def rule_of(value):
    """A regularizer or a constraint."""
    found = getattr(keras.regularizers, value["class_name"], None) or getattr(keras.constraints, value["class_name"])
    return found(**value["config"])


def shape_of(given):
    return {"ids": (STEPS,), "steps": (STEPS, given["features"]), "vector": (given["features"],)}[given["kind"]]


def model_of(spec):
    """The model of an architecture."""
    keras.backend.clear_session()
    values = [keras.Input(shape_of(given), dtype=given["dtype"] if given["kind"] == "ids" else None) for given in spec["inputs"]]
    inputs = list(values)
    layers = []
    for use in spec["uses"]:
        layer = layers[use["layer"]] if use["layer"] is not None else layer_of(use["class"], use["config"])
        layers.append(layer)
        taken = [values[index] for index in use["inputs"]]
        call = use["call"]
        if call.get("keywords"):
            given = layer(query=taken[0], value=taken[1])
        elif call.get("initial_state"):
            given = layer(taken[0], initial_state=[values[index] for index in call["initial_state"]])
        else:
            given = layer(taken if len(taken) > 1 else taken[0])
        values.extend(given if isinstance(given, (list, tuple)) else [given])
    return keras.Model(inputs, [values[index] for index in spec["outputs"]])


def random_weights(model, rng):
    """Weights that float32 holds exactly; variances are above 0."""
    weights = []
    for weight in model.weights:
        values = rng.normal(0, 0.5, weight.shape)
        if "moving_variance" in weight.path:
            values = 0.5 + np.abs(values)
        weights.append(values.astype("float32"))
    model.set_weights(weights)
    return weights


def random_inputs(spec, rng):
    arrays = []
    for given in spec["inputs"]:
        shape = (BATCH, *shape_of(given))
        if given["kind"] == "ids":
            ids = rng.integers(1, LIMIT, shape)
            for row in range(BATCH):
                ids[row, : row % STEPS] = 0
            arrays.append(ids.astype("int32"))
        else:
            values = rng.normal(0, 1, shape).astype("float32")
            if given["kind"] == "steps":
                for row in range(BATCH):
                    values[row, STEPS - row % STEPS :] = 0
            arrays.append(values)
    return arrays


def compile_for(model, spec):
    optimizer = spec["optimizer"]
    model.compile(
        optimizer=getattr(keras.optimizers, optimizer["class"])(**optimizer["config"]),
        loss=[spec["loss"]] * len(spec["outputs"]) if len(spec["outputs"]) > 1 else spec["loss"],
        run_eagerly=True,
    )
