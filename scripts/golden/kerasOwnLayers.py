"""A registered layer that has others inside, as a `.keras` file after a step of training, and what one more step makes of its weights.

Keras computes in float32: python kerasOwnLayers.py
"""

import base64
import io
import json
import os
import pathlib
import tempfile
import zipfile
import zlib

os.environ.setdefault("KERAS_BACKEND", "jax")

import h5py  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
from kerasOperations import exact, tensor  # noqa: E402

L = keras.layers
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "test" / "golden" / "kerasOwnLayers.json"


@keras.saving.register_keras_serializable("own")
class Gate(L.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self.inner_dense = L.Dense(2, activation="sigmoid")

    def call(self, x):
        return x * self.inner_dense(x)


@keras.saving.register_keras_serializable("own")
class Block(L.Layer):
    """Layers as attributes, in lists and inside of each other; two attributes with one layer, and a hidden one."""

    def __init__(self, units=2, **options):
        super().__init__(**options)
        self.units = units
        self.second_dense = L.Dense(units)
        self.first_dense = L.Dense(units, activation="tanh")
        self.again = self.second_dense
        self.recurrent = L.LSTM(units, return_sequences=True)
        self.blocks = [L.Dense(3), L.LayerNormalization(), L.Dense(2)]
        self.both = L.Bidirectional(L.GRU(1, return_sequences=True))
        self._hidden = L.Dense(2)
        self.gate = Gate()

    def build(self, shape):
        self.scale = self.add_weight(shape=(self.units,), name="scale", initializer="ones")

    def call(self, x):
        y = self.again(self.second_dense(self.first_dense(x))) * self.scale
        y = self.both(self.recurrent(y))
        for block in self.blocks:
            y = block(y)
        return self.gate(self._hidden(y))

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def main():
    model = keras.Sequential([keras.Input((3, 2)), Block(2), L.Dense(1)])
    model.set_weights([exact(*w.shape) for w in model.weights])
    model.compile(keras.optimizers.Adam(0.01), loss="mse")
    x, y = exact(4, 3, 2), exact(4, 3, 1)
    model.train_on_batch(x, y)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.keras"
        model.save(path)
        file = path.read_bytes()
    places = {}
    h5py.File(io.BytesIO(zipfile.ZipFile(io.BytesIO(file)).read("model.weights.h5"))).visititems(
        lambda name, value: places.update({name: list(value.shape)}) if hasattr(value, "shape") else None
    )
    outputs = np.asarray(model(x))
    model.train_on_batch(x, y)
    whole = {
        "header": {"generator": "scripts/golden/kerasOwnLayers.py", "keras": keras.__version__},
        "file": base64.b64encode(zlib.compress(file, 9)).decode(),
        "places": places,
        "inputs": tensor(x),
        "targets": tensor(y),
        "outputs": tensor(outputs),
        "weights": {weight.path: tensor(weight) for weight in model.weights},
    }
    OUTPUT.write_text(json.dumps(whole, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
