"""Whole models as `.h5` files of Keras 2, with what they give for inputs.

It needs tf_keras, which is not among the requirements: run it in an environment of its own.
"""

import base64
import json
import os
import pathlib
import tempfile
import zlib

OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "test" / "golden" / "kerasLegacy.json"


def main():
    import numpy as np
    import tf_keras as keras

    L = keras.layers
    rng = np.random.default_rng(5)

    def exact(*shape):
        return np.round(rng.normal(size=shape) * 64) / 128

    def tensor(array):
        return {"shape": list(np.shape(array)), "data": np.asarray(array, float).ravel().tolist()}

    def made(name, build, inputs):
        keras.backend.clear_session()
        model = build()
        model.set_weights([np.abs(exact(*w.shape)) + 0.5 if "variance" in w.name else exact(*w.shape) for w in model.weights])
        outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.h5")
            model.save(path)
            file = base64.b64encode(zlib.compress(pathlib.Path(path).read_bytes(), 9)).decode()
        outputs = outputs if isinstance(outputs, list) else [outputs]
        return {"name": name, "file": file, "inputs": [tensor(each) for each in inputs], "outputs": [tensor(each) for each in outputs]}

    def sequential():
        lstm = L.Bidirectional(L.LSTM(3, recurrent_activation="hard_sigmoid"))
        layers = [L.Embedding(7, 4, mask_zero=True, input_length=5), lstm, L.BatchNormalization(), L.Dense(2, activation="softmax")]
        model = keras.Sequential(layers)
        model.build((None, 5))
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        return model

    def functional():
        x, start = keras.Input((4, 3)), keras.Input((5,))
        y, h, c = L.LSTM(5, return_sequences=True, return_state=True)(x, initial_state=[start, start])
        z = L.GRU(5, return_sequences=True)(y, initial_state=h)
        return keras.Model([x, start], [L.Flatten()(L.TimeDistributed(L.Dense(2))(z)), L.concatenate([h, c])])

    def nested():
        inner = keras.Sequential([L.Dense(4, input_shape=(3,)), L.LeakyReLU(alpha=0.1)], name="inner")
        x = keras.Input((3,))
        return keras.Model(x, L.Dense(2)(L.add([inner(x), inner(L.Dense(3)(x))])))

    models = [
        made("keras2_sequential", sequential, [rng.integers(0, 7, size=(3, 5))]),
        made("keras2_functional", functional, [exact(2, 4, 3), exact(2, 5)]),
        made("keras2_nested", nested, [exact(2, 3)]),
    ]
    header = {"generator": "scripts/golden/kerasLegacy.py", "kerasVersion": keras.__version__}
    lines = ",\n".join(json.dumps(model, separators=(",", ":")) for model in models)
    OUTPUT.write_text(f'{{"header":{json.dumps(header)},\n"models":[\n{lines}\n]}}\n')
