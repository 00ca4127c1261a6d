"""Models with layers that prepare data, as `.keras` files, with what they give for texts and numbers.

Keras runs on TensorFlow, because JAX has no texts: `python -c "import kerasPreparation; kerasPreparation.main()"`.
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"

import base64  # noqa: E402
import json  # noqa: E402
import pathlib  # noqa: E402
import tempfile  # noqa: E402
import zlib  # noqa: E402

import keras  # noqa: E402
import numpy as np  # noqa: E402

L = keras.layers
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "test" / "golden" / "kerasPreparation.json"
SEED = 20261129
CASES = []

TEXTS = np.array(["The cat sat.", "a cat, the dog", "dogs and cats sat on the mat", "unseen words here"])
TAGS = np.array([["red"], ["blue"], ["red"], ["violet"]])
NUMBERS = np.array([[1.5, -2.0], [0.25, 4.0], [3.0, 0.5], [-1.0, 1.0]])
SHOPS = np.array([[12, 7], [7, 7], [99, 12], [5, 1]])


def case(*inputs):
    """Registers a function that makes a model for these inputs."""

    def register(build):
        CASES.append((build.__name__, build, inputs))
        return build

    return register


def adapted(layer, data):
    layer.adapt(data)
    return layer


def tags(**options):
    return adapted(L.StringLookup(**options), np.array([["red"], ["blue"], ["red"], ["green"]]))


@case(TEXTS)
def texts_of_a_sequential():
    vectors = adapted(L.TextVectorization(max_tokens=9, output_sequence_length=5), TEXTS[:3])
    layers = [vectors, L.Embedding(9, 3, mask_zero=True), L.LSTM(4), L.Dense(2, activation="softmax")]
    return keras.Sequential([keras.Input((), dtype="string"), *layers])


@case(TEXTS)
def texts_of_a_graph():
    text = keras.Input((), dtype="string", name="text")
    ids = adapted(L.TextVectorization(standardize="lower", split="character"), TEXTS[:3])(text)
    x = L.Bidirectional(L.GRU(3, return_sequences=True))(L.Embedding(30, 3, mask_zero=True)(ids))
    return keras.Model(text, L.Dense(1)(L.GlobalAveragePooling1D()(x)))


@case(TAGS, NUMBERS, SHOPS, NUMBERS[:, :1], TAGS)
def a_table():
    tag, numbers, shops = keras.Input((1,), dtype="string", name="tag"), keras.Input((2,), name="numbers"), keras.Input((2,), dtype="int64", name="shops")
    age, kind = keras.Input((1,), name="age"), keras.Input((1,), dtype="string", name="kind")
    parts = [
        tags(output_mode="one_hot")(tag),
        adapted(L.Normalization(), NUMBERS)(numbers),
        adapted(L.IntegerLookup(output_mode="multi_hot", num_oov_indices=2), SHOPS[:3])(shops),
        L.CategoryEncoding(4, output_mode="one_hot")(adapted(L.Discretization(num_bins=4), NUMBERS)(age)),
        L.Hashing(5, output_mode="one_hot", salt=[3, 4])(kind),
    ]
    return keras.Model([tag, numbers, shops, age, kind], L.Dense(2)(L.Dense(4, activation="relu")(L.Concatenate()(parts))))


@case(TAGS, TAGS, TEXTS)
def lookups_at_different_depths():
    a, b, text = keras.Input((1,), dtype="string", name="a"), keras.Input((1,), dtype="string", name="b"), keras.Input((), dtype="string", name="text")
    near = adapted(L.StringLookup(output_mode="tf_idf"), TAGS[:3])(a)
    far = L.Dense(3)(tags(output_mode="tf_idf")(b))
    counts = adapted(L.TextVectorization(output_mode="tf_idf", ngrams=2), TEXTS[:3])(text)
    return keras.Model([a, b, text], L.Dense(2)(L.Concatenate()([near, far, counts])))


@case(TAGS, TAGS)
def a_shared_lookup():
    a, b = keras.Input((1,), dtype="string", name="a"), keras.Input((1,), dtype="string", name="b")
    lookup, embedding = L.StringLookup(vocabulary=["red", "blue", "green"], mask_token="", num_oov_indices=3), L.Embedding(8, 3)
    return keras.Model([a, b], L.Dense(1)(L.Subtract()([L.Flatten()(embedding(lookup(a))), L.Flatten()(embedding(lookup(b)))])))


@case(np.round(np.random.default_rng(1).normal(size=(4, 3, 2)) * 64) / 64)
def normalized_steps():
    x = keras.Input((3, 2))
    scale = adapted(L.Normalization(axis=(1, 2)), np.random.default_rng(2).normal(size=(20, 3, 2)))
    return keras.Model(x, L.Dense(1)(L.LSTM(3)(scale(x))))


@case(np.round(np.random.default_rng(3).normal(size=(4, 3, 2)) * 64) / 64)
def numbers_that_are_given():
    x = keras.Input((None, 2))
    scaled = L.Normalization(mean=[0.5, -1.0], variance=[4.0, 0.25])(x)
    return keras.Model(x, L.Rescaling(2.0, 0.5)(L.GRU(3)(L.Rescaling(0.5)(scaled))))


@case(NUMBERS, SHOPS)
def models_that_prepare():
    numbers, shops = keras.Input((2,)), keras.Input((2,), dtype="int64")
    encoded = L.IntegerLookup(vocabulary=[7, 12], output_mode="count")(shops)
    prepare = keras.Model([numbers, shops], L.Concatenate()([adapted(L.Normalization(axis=None), NUMBERS)(numbers), encoded]), name="prepare")
    head = keras.Sequential([keras.Input((5,)), L.Dense(3, activation="tanh"), L.Dense(1)], name="head")
    outer = [keras.Input((2,), name="numbers"), keras.Input((2,), dtype="int64", name="shops")]
    return keras.Model(outer, head(prepare(outer)))


@case(TEXTS)
def a_chain_of_models():
    prepare = keras.Sequential([keras.Input((), dtype="string"), adapted(L.TextVectorization(output_sequence_length=4), TEXTS[:3]), L.Embedding(12, 3)], name="prepare")
    head = keras.Sequential([keras.Input((4, 3)), L.GRU(3), L.Dense(1)], name="head")
    return keras.Sequential([keras.Input((), dtype="string"), prepare, head])


@case(np.array([[0.5], [1.5], [9.0], [-4.0]]), np.array([[1], [3], [0], [2]]))
def bins_and_categories():
    x, c = keras.Input((1,), name="x"), keras.Input((1,), dtype="int32", name="c")
    bins = L.Discretization(bin_boundaries=[0.0, 1.0, 2.0])(x)
    embedded = L.Flatten()(L.Embedding(4, 3)(bins))
    return keras.Model([x, c], L.Dense(2)(L.Concatenate()([embedded, L.CategoryEncoding(4, output_mode="multi_hot")(c), L.Rescaling(0.25, -1.0)(embedded)])))


@case(TEXTS)
def padded_vocabularies():
    text = keras.Input((), dtype="string")
    counts = adapted(L.TextVectorization(max_tokens=20, output_mode="multi_hot", pad_to_max_tokens=True, ngrams=(1, 2)), TEXTS[:3])(text)
    return keras.Model(text, L.Dense(2)(counts))


@case(TAGS)
def hashed_texts():
    return keras.Sequential([keras.Input((1,), dtype="string"), L.Hashing(6, mask_value="red"), L.Embedding(6, 2), L.Flatten(), L.Dense(1)])


def in_type(dtype, build):
    keras.backend.clear_session()
    keras.backend.set_floatx(dtype)
    return build()


def tensor(array):
    array = np.asarray(array)
    return {"shape": list(array.shape), "data": array.reshape(-1).tolist()}


def made(name, build, inputs):
    rng = np.random.default_rng([SEED, *name.encode()])
    model32, model64 = in_type("float32", build), in_type("float64", build)
    for one, other in zip(model32.trainable_variables, model64.trainable_variables, strict=True):
        value = np.round(rng.normal(size=one.shape) * 64) / 128
        one.assign(value)
        other.assign(value)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model32.save(path)
        file = base64.b64encode(zlib.compress(pathlib.Path(path).read_bytes(), 9)).decode()
    given = [keras.ops.convert_to_tensor(each) for each in inputs]
    output = model64(given if len(given) > 1 else given[0])
    print(name, len(file), flush=True)
    return {"name": name, "file": file, "inputs": [tensor(each) for each in inputs], "outputs": [tensor(output)]}


def main():
    header = {"generator": "scripts/golden/kerasPreparation.py", "kerasVersion": keras.__version__}
    models = []
    for name, build, inputs in CASES:
        try:
            models.append(made(name, build, inputs))
        except Exception as error:
            print("FAILED", name, type(error).__name__, str(error)[:300], flush=True)
    lines = ",\n".join(json.dumps(model, separators=(",", ":")) for model in models)
    OUTPUT.write_text(f'{{"header":{json.dumps(header)},\n"models":[\n{lines}\n]}}\n')
