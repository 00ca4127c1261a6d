"""Models as `.h5` files of Keras 2, with what they give for inputs: whole ones, some of them trained, and weights alone.

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

    def file_of(save, ending="h5"):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, f"model.{ending}")
            save(path)
            return base64.b64encode(zlib.compress(pathlib.Path(path).read_bytes(), 9)).decode()

    def built(build):
        keras.backend.clear_session()
        model = build()
        model.set_weights([np.abs(exact(*w.shape)) + 0.5 if "variance" in w.name else exact(*w.shape) for w in model.weights])
        return model

    def made(name, build, inputs, weights_only=False, ending="h5"):
        model = built(build)
        outputs = model(inputs if len(inputs) > 1 else inputs[0])
        outputs = [each.numpy() for each in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]
        print(name, flush=True)
        file = file_of(model.save_weights if weights_only else model.save, ending)
        return {"name": name, "file": file, "inputs": [tensor(each) for each in inputs], "outputs": [tensor(output) for output in outputs]}

    def trained(name, optimizer, x, y):
        """A step before the file is written, and the losses and weights of two more."""

        def build():
            model = keras.Sequential([L.GRU(3, input_shape=(None, 3)), L.BatchNormalization(), L.Dense(2)])
            model.compile(optimizer, "mse", run_eagerly=True)
            return model

        model = built(build)
        model.train_on_batch(x, y)
        file = file_of(model.save)
        losses = [float(model.train_on_batch(x, y)) for _ in range(2)]
        print(name, flush=True)
        rest = {"losses": losses, "weights": [tensor(each) for each in model.get_weights()]}
        return {"name": name, "file": file, "inputs": [tensor(x)], "targets": [tensor(y)], **rest}

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

    def bidirectional():
        layers = [L.Bidirectional(L.GRU(3, reset_after=False, return_sequences=True), merge_mode="ave", input_shape=(4, 3)), L.SimpleRNN(2, go_backwards=True)]
        return keras.Sequential(layers)

    def convolutions():
        layers = [L.Conv1D(4, 3, padding="causal", input_shape=(8, 3), activation="relu"), L.MaxPooling1D(2), L.SeparableConv1D(3, 2), L.GlobalAveragePooling1D()]
        return keras.Sequential([*layers, L.Dense(2, activation="elu")])

    def masks():
        x = keras.Input((None,))
        y = L.LSTM(3, return_sequences=True)(L.Embedding(7, 4, mask_zero=True)(x))
        z = L.LSTM(3)(L.Masking(0.5)(L.Dense(2)(y)))
        return keras.Model(x, [z, L.LayerNormalization()(L.GlobalMaxPooling1D()(y))])

    def cells():
        x = keras.Input((4, 3))
        return keras.Model(x, L.Dense(1)(L.RNN([L.LSTMCell(3), L.GRUCell(2)])(x)))

    def by_name():
        layers = [L.Embedding(7, 4, name="words"), L.LSTM(3, return_sequences=True, name="first"), L.LSTM(3, name="second"), L.Dense(2, name="last")]
        model = keras.Sequential(layers)
        model.build((None, 5))
        return model

    def normalized():
        scale = L.Normalization()
        scale.build((None, 4, 3))
        x = keras.Input((4, 3))
        return keras.Model(x, L.Dense(1)(L.GRU(2)(scale(x))))

    def archived():
        inner = keras.Sequential([L.Dense(3, input_shape=(4, 3), activation="hard_sigmoid")], name="inner")
        taken = keras.Input((4, 3))
        shared = keras.Model(taken, L.GRU(2, recurrent_activation="hard_sigmoid")(taken), name="shared")
        x = keras.Input((4, 3))
        return keras.Model(x, L.concatenate([shared(inner(x)), shared(x)]))

    def attention():
        x, z = keras.Input((4, 3)), keras.Input((2, 5))
        heads = L.MultiHeadAttention(2, 3, value_dim=2)
        return keras.Model([x, z], L.Dense(2)(L.MultiHeadAttention(1, 2, use_bias=False)(heads(x, z), x)))

    ids = rng.integers(1, 7, size=(3, 5))
    ids[0, 3:] = 0
    x, y = exact(3, 4, 3), exact(3, 2)
    O = keras.optimizers
    models = [
        made("keras2_sequential", sequential, [rng.integers(0, 7, size=(3, 5))]),
        made("keras2_functional", functional, [exact(2, 4, 3), exact(2, 5)]),
        made("keras2_nested", nested, [exact(2, 3)]),
        made("keras2_bidirectional", bidirectional, [exact(2, 4, 3)]),
        made("keras2_convolutions", convolutions, [exact(2, 8, 3)]),
        made("keras2_masks", masks, [ids]),
        made("keras2_cells", cells, [exact(2, 4, 3)]),
        made("keras2_normalized", normalized, [exact(2, 4, 3)]),
    ]
    training = [
        trained("keras2_adam", O.Adam(0.01), x, y),
        trained("keras2_rmsprop", O.RMSprop(0.01, momentum=0.5), x, y),
        trained("keras2_sgd", O.SGD(0.1, momentum=0.9), x, y),
        trained("keras2_legacy_adam", O.legacy.Adam(0.01), x, y),
    ]
    weights = [made("keras2_weights", by_name, [ids], weights_only=True)]
    archives = [made("keras2_archive", archived, [exact(2, 4, 3)], ending="keras")]
    archives.append(made("keras2_attention", attention, [exact(2, 4, 3), exact(2, 2, 5)], ending="keras"))
    header = {"generator": "scripts/golden/kerasLegacy.py", "kerasVersion": keras.__version__}
    parts = [f'"header":{json.dumps(header)}']
    for key, cases in (("models", models), ("training", training), ("weights", weights), ("archives", archives)):
        parts.append(f'"{key}":[\n' + ",\n".join(json.dumps(each, separators=(",", ":")) for each in cases) + "\n]")
    OUTPUT.write_text("{" + ",\n".join(parts) + "}\n")
