"""Models as `.keras` files, with what they give for inputs, and how they are trained on.

Each model is built twice: in float32, which is saved, and in float64 with the same weights, whose outputs are noted.
"""

import base64
import os
import tempfile
import zlib

from common import compact, exact, generator, keras, np, tensor, write

L = keras.layers
CASES = []


def case(build=None, **options):
    """Registers a function that returns a model, and the inputs that its outputs are noted for."""

    def register(function):
        CASES.append((function.__name__, function, options))
        return function

    return register(build) if build else register


def ids(rng, *shape, below=7):
    return rng.integers(0, below, size=shape)


def in_type(dtype, build):
    """A model of this type, with names that begin anew."""
    keras.backend.clear_session()
    keras.backend.set_floatx(dtype)
    try:
        return build()
    finally:
        keras.backend.set_floatx("float64")


def random_weights(model, rng):
    values = []
    for weight in model.weights:
        value = exact(rng, *weight.shape, scale=0.5)
        values.append(np.abs(value) + 0.5 if "variance" in weight.name else value)
    return values


def saved(model, suffix=".keras"):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model" + suffix)
        model.save(path)
        with open(path, "rb") as file:
            return base64.b64encode(zlib.compress(file.read(), 9)).decode()


def outputs_of(model, inputs):
    outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    return [tensor(output) for output in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]


def trained(model32, model64, inputs, targets):
    """One step before the file is written, and the losses and weights of two more."""
    x, y = (values if len(values) > 1 else values[0] for values in (inputs, targets))
    model32.train_on_batch(x, y)
    model64.set_weights([np.asarray(value) for value in model32.get_weights()])
    model64.optimizer.build(model64.trainable_variables)
    for to, of in zip(model64.optimizer.variables, model32.optimizer.variables, strict=True):
        to.assign(np.asarray(of))
    file = saved(model32)
    losses = [float(np.ravel(model64.train_on_batch(x, y))[0]) for _ in range(2)]
    return file, {"targets": [tensor(each) for each in targets], "losses": losses, "weights": [tensor(each) for each in model64.get_weights()]}


def made(name, build, inputs, targets=None):
    rng = generator(f"kerasFiles {name}")
    x = inputs(rng)
    model32, model64 = in_type("float32", build), in_type("float64", build)
    values = random_weights(model32, rng)
    for model in (model32, model64):
        model.set_weights(values)
    content = {"name": name, "inputs": [tensor(each) for each in x]}
    if targets is None:
        return content | {"file": saved(model32), "outputs": outputs_of(model64, x)}
    file, training = trained(model32, model64, x, targets(rng))
    return content | {"file": file, "outputs": [], "training": training}


@case(inputs=lambda rng: [ids(rng, 3, 5)])
def embedding_lstm_dense():
    return keras.Sequential([keras.Input((None,)), L.Embedding(7, 4, mask_zero=True), L.LSTM(5), L.Dense(2, activation="sigmoid")])


@case(inputs=lambda rng: [exact(rng, 2, 4, 3)])
def gru():
    return keras.Sequential([keras.Input((4, 3)), L.GRU(5, return_sequences=True), L.GRU(2, reset_after=False, activation="relu")])


@case(inputs=lambda rng: [exact(rng, 2, 4, 3)])
def simple_rnn_without_bias():
    return keras.Sequential([keras.Input((None, 3)), L.SimpleRNN(5, use_bias=False, go_backwards=True), L.Dense(3, use_bias=False)])


def main():
    write("kerasFiles", {"models": [made(name, build, **options) for name, build, options in CASES]})


__all__ = ["compact"]
