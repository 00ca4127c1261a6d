"""Models as `.keras` files of earlier versions of Keras 3, with what they give for inputs.

Each version is in a folder of its own, and adds its files to those of the others:

    pip install --no-deps --target keras-3.6.0 keras==3.6.0
    PYTHONPATH=keras-3.6.0 KERAS_BACKEND=tensorflow python -c "import kerasVersions; kerasVersions.main()"
"""

import base64
import json
import os
import pathlib
import sys
import tempfile
import zlib

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras  # noqa: E402
import numpy as np  # noqa: E402

L = keras.layers
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "test" / "golden" / "kerasVersions.json"
RNG = np.random.default_rng(20261129)


def exact(*shape):
    return np.round(RNG.normal(size=shape) * 64) / 128


def tensor(array):
    return {"shape": list(np.shape(array)), "data": np.asarray(array, float).ravel().tolist()}


def sequences():
    layers = [L.Embedding(7, 4, mask_zero=True), L.Bidirectional(L.LSTM(3, return_sequences=True)), L.GRU(3), L.BatchNormalization(), L.Dense(2, activation="softmax")]
    return keras.Sequential([keras.Input((None,), dtype="int32"), *layers])


def graph():
    x, start = keras.Input((4, 3), name="x"), keras.Input((3,), name="start")
    inner = keras.Sequential([keras.Input((4, 3)), L.Dense(3, activation="relu"), L.LayerNormalization()], name="inner")
    y, state = L.GRU(3, return_sequences=True, return_state=True)(inner(x), initial_state=start)
    attended = L.MultiHeadAttention(2, 3)(y, inner(x))
    joined = L.Concatenate()([L.RNN([L.LSTMCell(3), L.GRUCell(2)])(attended), state, L.Flatten()(L.TimeDistributed(L.Dense(1))(y))])
    return keras.Model([x, start], {"value": L.Dense(1, name="value")(joined), "kind": L.Dense(3, activation="softmax", name="kind")(joined)})


def convolutions():
    x = keras.Input((8, 2))
    y = L.MaxPooling1D(2)(L.Conv1D(3, 3, padding="causal", activation="relu")(x))
    return keras.Model(x, L.Dense(2)(L.GlobalAveragePooling1D()(L.LeakyReLU(0.2)(L.Add()([y, L.Conv1D(3, 1)(y)])))))


def saved(model):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        return base64.b64encode(zlib.compress(pathlib.Path(path).read_bytes(), 9)).decode()


def made(build, *inputs):
    keras.backend.clear_session()
    model = build()
    model.set_weights([np.abs(exact(*w.shape)) + 0.5 if "variance" in w.name else exact(*w.shape) for w in model.weights])
    outputs = model([keras.ops.convert_to_tensor(each) for each in inputs] if len(inputs) > 1 else keras.ops.convert_to_tensor(inputs[0]))
    outputs = [outputs[name] for name in ("value", "kind")] if isinstance(outputs, dict) else [outputs]
    name = f"{build.__name__} of Keras {keras.__version__}"
    return {"name": name, "file": saved(model), "inputs": [tensor(each) for each in inputs], "outputs": [tensor(each) for each in outputs]}


def trained():
    """A compiled model after a step, and the losses of two more."""
    keras.backend.clear_session()
    model = keras.Sequential([keras.Input((None, 3)), L.GRU(3, kernel_regularizer="l2"), L.Dense(2)])
    model.set_weights([exact(*w.shape) for w in model.weights])
    model.compile(keras.optimizers.Adam(0.01), loss="mse", metrics=["mae"], run_eagerly=True)
    x, y = exact(3, 4, 3), exact(3, 2)
    model.train_on_batch(x, y)
    file = saved(model)
    losses = []
    for _ in range(2):
        # Some versions give the mean since the last reset.
        model.reset_metrics()
        loss = model.train_on_batch(x, y)
        losses.append(float(np.ravel(loss)[0]))
    weights = [tensor(each) for each in model.get_weights()]
    return {"name": f"training of Keras {keras.__version__}", "file": file, "inputs": [tensor(x)], "targets": [tensor(y)], "losses": losses, "weights": weights}


def main():
    ids = RNG.integers(1, 7, size=(3, 5))
    ids[0, 3:] = 0
    own = {
        "models": [made(sequences, ids), made(graph, exact(2, 4, 3), exact(2, 3)), made(convolutions, exact(2, 8, 2))],
        "training": [trained()],
    }
    known = json.loads(OUTPUT.read_text()) if OUTPUT.exists() else {}
    parts = ['"header":' + json.dumps({"generator": "scripts/golden/kerasVersions.py"})]
    for key, cases in own.items():
        others = [case for case in known.get(key, []) if not case["name"].endswith(f" {keras.__version__}")]
        every = sorted([*others, *cases], key=lambda case: [int(part) for part in case["name"].split()[-1].split(".")])
        parts.append(f'"{key}":[\n' + ",\n".join(json.dumps(case, separators=(",", ":")) for case in every) + "\n]")
    OUTPUT.write_text("{" + ",\n".join(parts) + "}\n")
    print(keras.__version__, "done", flush=True)


if __name__ == "__main__":
    sys.exit(main())
