"""Models of tf-keras as `tensorflowjs_converter` makes them: model.json, the files with the weights, and what tf-keras predicts.

It runs in an environment of its own, because tf-keras is another Keras than the one of the other modules:

    pip install tensorflow==2.21.0 tf_keras==2.21.0 h5py && pip install --no-deps tensorflowjs==4.22.0
    python scripts/golden/tfjsConverter.py
"""

import base64
import importlib
import importlib.util
import json
import os
import pathlib
import sys
import tempfile
import types

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np  # noqa: E402
import tf_keras as keras  # noqa: E402

# The package itself imports what only graph models need.
for package in ["tensorflowjs", "tensorflowjs.converters"]:
    module = types.ModuleType(package)
    module.__path__ = [os.path.join(path, *package.split(".")) for path in sys.path]
    sys.modules[package] = module
conversion = importlib.import_module("tensorflowjs.converters.keras_h5_conversion")

L = keras.layers
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "test" / "golden" / "tfjsConverter.json"
CASES = {}


def case(**options):
    def register(build):
        CASES[build.__name__] = (build, options)
        return build

    return register


def floats(rng, *shape):
    return np.round(rng.normal(size=shape) * 64) / 128


@case(inputs=lambda rng: [rng.integers(0, 7, size=(3, 5))])
def recurrent():
    return keras.Sequential(
        [
            L.Input((None,)),
            L.Embedding(7, 4, mask_zero=True),
            L.Bidirectional(L.LSTM(3, return_sequences=True)),
            L.GRU(3, return_sequences=True),
            L.GRU(2, return_sequences=True, reset_after=False, recurrent_activation="hard_sigmoid"),
            L.TimeDistributed(L.Dense(2)),
            L.SimpleRNN(3),
        ]
    )


@case(inputs=lambda rng: [floats(rng, 2, 4, 3)])
def cells():
    return keras.Sequential(
        [L.Input((4, 3)), L.RNN([L.LSTMCell(3), L.GRUCell(2), L.GRUCell(2)], return_sequences=True), L.RNN(L.SimpleRNNCell(2))]
    )


@case(inputs=lambda rng: [floats(rng, 2, 4)])
def nested():
    inner = keras.Sequential([L.Input((4,)), L.Dense(3), L.BatchNormalization()], name="inner")
    x = L.Input((3,))
    branch = keras.Model(x, L.Add()([L.Dense(3, name="scores")(x), x]), name="branch")
    outer = L.Input((4,))
    return keras.Model(outer, branch(branch(inner(outer))))


@case(inputs=lambda rng: [floats(rng, 2, 4, 3)])
def attention():
    x = L.Input((4, 3))
    y = L.LayerNormalization()(L.MultiHeadAttention(2, 3)(x, x))
    return keras.Model(x, L.GlobalAveragePooling1D()(L.Conv1D(2, 3, padding="causal", activation="gelu")(y)))


@case(inputs=lambda rng: [floats(rng, 3, 2)], quantize="uint8", compile=True)
def quantizedAndCompiled():
    return keras.Sequential([L.Input((2,)), L.Dense(3, activation="relu"), L.Dense(2, activation="softmax")])


def made(name, build, inputs, quantize=None, compile=False):
    keras.backend.clear_session()
    rng = np.random.default_rng([20240817, *name.encode()])
    x = inputs(rng)
    model = build()
    model.set_weights(
        [np.abs(floats(rng, *w.shape)) + 0.5 if "variance" in w.name else floats(rng, *w.shape) for w in model.weights]
    )
    if compile:
        model.compile(keras.optimizers.Adam(0.01, beta_1=0.8), "categorical_crossentropy", metrics=["accuracy"])
        model.train_on_batch(x[0], np.eye(2)[[0, 1, 0]])
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "model.h5")
        model.save(file)
        topology, groups = conversion.h5_merged_saved_model_to_tfjs_format(file)
        conversion.write_artifacts(topology, groups, folder, quantize and {quantize: "*"}, weight_shard_size_bytes=64)
        description = json.loads(pathlib.Path(folder, "model.json").read_text())
        paths = [path for group in description["weightsManifest"] for path in group["paths"]]
        shards = {path: base64.b64encode(pathlib.Path(folder, path).read_bytes()).decode() for path in paths}
    if quantize:
        # The layers stand in the file in the order of the model.
        data = np.frombuffer(b"".join(base64.b64decode(shard) for shard in shards.values()), quantize)
        ends = np.cumsum([weight.size for weight in model.get_weights()])
        parts = zip(np.split(data, ends[:-1]), description["weightsManifest"][0]["weights"])
        rules = [(part, spec["shape"], spec["quantization"]) for part, spec in parts]
        model.set_weights([(part * rule["scale"] + rule["min"]).reshape(shape) for part, shape, rule in rules])
    outputs = [{"shape": y.shape, "data": y.reshape(-1).tolist()} for y in [model.predict(x[0], verbose=0)]]
    tensors = [{"shape": each.shape, "data": each.reshape(-1).tolist()} for each in x]
    return {"name": name, "model": description, "shards": shards, "inputs": tensors, "outputs": outputs}


models = [made(name, build, **options) for name, (build, options) in CASES.items()]
OUTPUT.write_text(json.dumps({"versions": [keras.__version__, "4.22.0"], "models": models}, separators=(",", ":")) + "\n")
