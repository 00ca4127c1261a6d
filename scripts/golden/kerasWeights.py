"""Files of weights alone as Keras writes them, and what the models give: `.weights.h5`, and the `.h5` of Keras 2."""

import base64
import io
import pathlib
import tempfile
import zlib

from common import exact, generator, keras, np, set_exact_weights, tensor, write

import h5py
from keras import layers
from keras.src.legacy.saving import legacy_h5_format


def chain():
    return keras.Sequential(
        [
            keras.Input((5,), dtype="int32"),
            layers.Embedding(7, 3, name="tokens"),
            layers.Bidirectional(layers.LSTM(2, return_sequences=True), name="both"),
            layers.TimeDistributed(layers.Dense(4), name="each"),
            layers.BatchNormalization(name="moments"),
            layers.GRU(3, name="first"),
            layers.Dense(2, activation="softmax", name="classes"),
        ],
        name="chain",
    )


def branches():
    x = keras.Input((4, 3), name="x")
    inner = keras.Sequential([keras.Input((4, 3)), layers.Dense(2, name="in"), layers.BatchNormalization(name="norm")], name="inner")
    joined = layers.Concatenate()([layers.LSTM(2, name="slow")(x), layers.LSTM(2, name="fast")(inner(x))])
    return keras.Model(x, layers.Dense(1, name="out")(joined), name="branches")


def heads():
    """Outputs by names that are not in alphabetical order, of a model and of one inside: Keras sorts them."""
    taken = keras.Input((3,))
    parts = {name: layers.Dense(3, name=f"of_{name}")(taken) for name in ("zeta", "alpha", "Beta")}
    inner = keras.Model(taken, parts, name="inner")
    x = keras.Input((3,), name="x")
    made = inner(x)
    outputs = {"right": layers.Dense(3, name="of_right")(made["zeta"]), "left": layers.Dense(3, name="of_left")(made["alpha"])}
    return keras.Model(x, {**outputs, "Middle": made["Beta"]}, name="heads")


def frozen():
    """Layers inside of others are frozen: `.h5` files have their weights behind those that training updates."""
    inner = keras.Sequential(
        [
            keras.Input((4, 3)),
            layers.Dense(3, activation="tanh", name="frozen"),
            layers.BatchNormalization(name="norm"),
            layers.Dense(3, name="trained"),
        ],
        name="inner",
    )
    inner.get_layer("frozen").trainable = False
    inner.get_layer("norm").trainable = False
    x = keras.Input((4, 3), name="x")
    both = layers.Bidirectional(layers.LSTM(2), name="both")
    y = both(inner(x))
    both.forward_layer.trainable = False
    return keras.Model(x, y, name="frozen")


def files(model):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.weights.h5"
        model.save_weights(path)
        whole = pathlib.Path(folder) / "model.h5"
        model.save(whole)
        archive = pathlib.Path(folder) / "model.keras"
        model.save(archive)
        contents = {"weights.h5": path.read_bytes(), "whole h5": whole.read_bytes(), "keras": archive.read_bytes()}
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
    contents["h5"] = stream.getvalue()
    return {name: base64.b64encode(zlib.compress(content, 9)).decode() for name, content in contents.items()}


def case(rng, model, x):
    set_exact_weights(model, rng)
    for layer in model._flatten_layers():
        if isinstance(layer, layers.BatchNormalization):
            layer.moving_variance.assign(np.abs(np.asarray(layer.moving_variance)) + 0.5)
    y = model(x)
    found = {name: tensor(each) for name, each in y.items()} if isinstance(y, dict) else tensor(y)
    return {"name": model.name, "x": tensor(x), "y": found, "files": files(model)}


def main():
    rng = generator("kerasWeights")
    ids = rng.integers(0, 7, size=(3, 5))
    models = [case(rng, chain(), ids), case(rng, branches(), exact(rng, 2, 4, 3)), case(rng, heads(), exact(rng, 2, 3))]
    models.append(case(rng, frozen(), exact(rng, 2, 4, 3)))
    write("kerasWeights", {"models": models})
