"""Functions of `keras.ops` between layers, in `.keras` and `.h5` files: what models give, and their weights after a step.

A model has many functions, each with an output of its own, since most of a file is the same for all. Keras computes in float32:

    python kerasOperations.py
"""

import base64
import json
import os
import pathlib
import tempfile
import zlib

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import ops  # noqa: E402

L = keras.layers
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "test" / "golden" / "kerasOperations.json"
RNG = np.random.default_rng(20261130)

# Each takes values [4, 3] and other ones [3, 4].
ITEMS = {
    "last": lambda x, z: x[:, -1],
    "tail": lambda x, z: x[:, 1:],
    "feature": lambda x, z: x[:, :, 0],
    "lastFeature": lambda x, z: x[..., -1],
    "everySecond": lambda x, z: x[:, ::2],
    "reversed": lambda x, z: x[:, ::-1],
    "backwards": lambda x, z: x[:, -1:0:-2, 1:],
    "newAxis": lambda x, z: x[:, None, 1],
    "corner": lambda x, z: x[:, -2:, :2],
    "beyond": lambda x, z: x[:, 2:9],
    "taken": lambda x, z: ops.take(x, [2, 0, 2], axis=1),
    "takenOne": lambda x, z: ops.take(x, -1, axis=-1),
}
SHAPES = {
    "reshape": lambda x, z: ops.reshape(x, (-1, 2, 6)),
    "transpose": lambda x, z: ops.transpose(x, (0, 2, 1)),
    "swapaxes": lambda x, z: ops.swapaxes(x, -1, 1),
    "moveaxis": lambda x, z: ops.moveaxis(ops.expand_dims(x, -1), 1, -1),
    "stack": lambda x, z: ops.stack([x, x * 2, x], axis=1),
    "stackLast": lambda x, z: ops.stack([x, x - 1], axis=-1),
    "concatenate": lambda x, z: ops.concatenate([x, x[:, :2]], axis=1),
    "squeeze": lambda x, z: ops.squeeze(ops.expand_dims(x, 1), 1),
    "matmul": lambda x, z: ops.matmul(x, z),
    "softmax": lambda x, z: ops.softmax(x),
    "softmaxSteps": lambda x, z: ops.softmax(x, axis=1),
    "logSoftmax": lambda x, z: ops.log_softmax(x),
    "amax": lambda x, z: ops.amax(x, axis=1),
    "amin": lambda x, z: ops.amin(x, axis=-1, keepdims=True),
}
NUMBERS = {
    "square": lambda x, z: x**2,
    "cube": lambda x, z: ops.power(x, 3),
    "inverse": lambda x, z: (x * x + 1) ** -2,
    "root": lambda x, z: (x * x + 1) ** 0.5,
    "ofTwo": lambda x, z: 2**x,
    "clip": lambda x, z: ops.clip(x, -0.25, 0.5),
    "greater": lambda x, z: ops.where(x > 0.1, x, x * 0.5),
    "greaterThan": lambda x, z: ops.where(ops.greater(x, ops.transpose(z, (0, 2, 1))), x, 0.0),
    "greaterEqual": lambda x, z: ops.cast(x >= 0.1, "float32") * x,
    "lessEqual": lambda x, z: ops.cast(x <= 0.1, "float32") * x,
    "rsqrt": lambda x, z: ops.rsqrt(x * x + 1),
    "reciprocal": lambda x, z: ops.reciprocal(x * x + 1),
    "maximum": lambda x, z: ops.maximum(x, 0.1) - ops.minimum(x, 0.3),
    "logarithm": lambda x, z: ops.log(ops.exp(x) + ops.sqrt(x * x + 1)),
}


def exact(*shape):
    return np.round(RNG.normal(size=shape) * 64) / 128


def tensor(array):
    return {"shape": list(np.shape(array)), "data": np.asarray(array, float).ravel().tolist()}


def saved(model, ending):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"model{ending}")
        model.save(path)
        return base64.b64encode(zlib.compress(pathlib.Path(path).read_bytes(), 9)).decode()


def case(name, model, x, ending=".keras"):
    model.set_weights([exact(*w.shape) for w in model.weights])
    model.compile(keras.optimizers.SGD(0.1), loss=["mse"] * len(model.outputs))
    file = saved(model, ending)
    inputs = [ops.convert_to_tensor(each) for each in x]
    outputs = [np.asarray(each) for each in model(inputs)]
    model.train_on_batch(inputs, [np.zeros(each.shape) for each in outputs])
    weights = [tensor(each) for each in model.get_weights()]
    return {"name": name, "file": file, "inputs": [tensor(each) for each in x], "outputs": [tensor(each) for each in outputs], "weights": weights}


def functions(name, table, ending=".keras"):
    keras.backend.clear_session()
    x, z = keras.Input((4, 3), name="x"), keras.Input((3, 4), name="z")
    values, others = L.Dense(3)(x), L.Dense(4)(z)
    outputs = [L.Flatten(name=f"{key}Output")(function(values, others)) for key, function in table.items()]
    outputs.append(L.Flatten(name="othersOutput")(others))
    return case(name, keras.Model([x, z], outputs), [exact(3, 4, 3), exact(3, 3, 4)], ending)


def masked():
    """Functions end masks: a mask that went on would change what the recurrent layers give."""
    keras.backend.clear_session()
    ids = keras.Input((4,), dtype="int32", name="ids")
    words = L.Embedding(5, 3, mask_zero=True)(ids)
    softmax = L.GRU(2, name="softmaxOutput")(ops.softmax(words, axis=1))
    features = L.GRU(2, name="featuresOutput")(ops.softmax(words))
    joined = L.GRU(2, name="joinedOutput")(ops.concatenate([words, words], axis=-1))
    own = L.GRU(2, name="ownOutput")(words)
    return case("masked", keras.Model([ids], [softmax, features, joined, own]), [np.array([[1, 2, 0, 0], [3, 0, 4, 0], [1, 1, 2, 3]])])


def main():
    cases = [
        functions("items", ITEMS),
        functions("shapes", SHAPES),
        functions("numbers", NUMBERS),
        masked(),
        functions("items in HDF5", {key: ITEMS[key] for key in ("last", "tail")} | {key: NUMBERS[key] for key in ("square", "clip", "ofTwo")}, ".h5"),
    ]
    parts = ['"header":' + json.dumps({"generator": "scripts/golden/kerasOperations.py", "keras": keras.__version__})]
    parts.append('"models":[\n' + ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases) + "\n]")
    OUTPUT.write_text("{" + ",\n".join(parts) + "}\n")


if __name__ == "__main__":
    main()
