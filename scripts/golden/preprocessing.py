"""Preprocessing layers: look-ups, hashes, bins and encodings, Normalization, and the output modes of TextVectorization."""

from common import camel, exact, generator, keras, np, tensor, write
from data import TEST, TRAIN

layers = keras.layers
WORDS = [["b", "a", "b"], ["c", "b", ""], ["a", "b", "zed"]]
UNSEEN = [["a", "nope", "b"], ["", "b", "b"]]
MANY = [["a", "nope", "b", "x", "y"], ["", "[UNK]", "häßlich 数", "z", "another token of many letters, beyond sixty-four bytes in UTF-8, yes"]]
SEEN = [[5, 7, 5], [12, 5, 0], [7, 5, 400]]
NUMBERS = [[5, 8, 7, -3], [0, -1, 12345678901, -7]]
# FarmHash has a case for each range of lengths.
LENGTHS = ["x" * length for length in [0, 1, 3, 4, 7, 8, 16, 17, 32, 33, 64, 65, 127, 128, 129, 300]]


def named(options):
    values = {"multi_hot": "multiHot", "one_hot": "oneHot", "tf_idf": "tfIdf", "lower_and_strip_punctuation": "lowerAndStripPunctuation"}
    return {camel(key): values.get(value, value) if isinstance(value, str) else value for key, value in options.items()}


def lookup_case(inputs, adapted=None, **options):
    lookup = layers.StringLookup(**options)
    if adapted is not None:
        lookup.adapt(np.array(adapted))
    return {
        "options": named(options),
        "adapted": adapted,
        "vocabulary": [str(token) for token in lookup.get_vocabulary()],
        "inputs": inputs,
        "outputs": tensor(np.asarray(lookup(np.array(inputs)), "float64")),
    }


def call_case(layer_class, arguments, inputs, adapted=None, weights=None, **options):
    """A layer of numbers, or of texts and numbers: its arguments, options and outputs."""
    layer = layer_class(*arguments, **options)
    if adapted is not None:
        layer.adapt(np.array(adapted))
    more = {} if weights is None else {"count_weights": np.array(weights, "float32")}
    outputs = layer(np.array(inputs), **more)
    state = {}
    if isinstance(layer, layers.IntegerLookup):
        state = {"vocabulary": [int(token) for token in layer.get_vocabulary()]}
    if isinstance(layer, layers.Discretization):
        state = {"boundaries": [float(value) for value in layer.bin_boundaries]}
    return {
        "arguments": arguments,
        "options": named(options),
        "adapted": adapted,
        "inputs": inputs,
        "weights": weights,
        **state,
        "outputs": tensor(np.asarray(outputs, "float64")),
    }


def text_case(**options):
    ngrams = options.get("ngrams")
    vectorization = layers.TextVectorization(**(options | {"ngrams": tuple(ngrams) if isinstance(ngrams, list) else ngrams}))
    if "vocabulary" not in options:
        vectorization.adapt(TRAIN)
    return {
        "options": named(options),
        "adapted": None if "vocabulary" in options else TRAIN,
        "vocabulary": vectorization.get_vocabulary(),
        "texts": TEST,
        "outputs": tensor(np.asarray(vectorization(np.array(TEST)), "float64")),
    }


def normalization_case(inputs, adapted=None, **options):
    layer = layers.Normalization(**options)
    if adapted is not None:
        layer.adapt(adapted)
    given = {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in options.items()}
    return {
        "options": named(given),
        "adapted": None if adapted is None else tensor(adapted),
        "inputs": tensor(inputs),
        "outputs": tensor(np.asarray(layer(inputs))),
    }


def main():
    rng = generator("preprocessing")
    series = exact(rng, 4, 5, 3, scale=3)
    values = exact(rng, 500, 1, scale=4).tolist()
    constant = np.concatenate([series, np.full((4, 5, 1), 2.0)], axis=2)
    write(
        "preprocessing",
        {
            "stringLookup": [
                lookup_case(UNSEEN, WORDS),
                lookup_case(UNSEEN, WORDS, mask_token=""),
                lookup_case(UNSEEN, WORDS, max_tokens=3, oov_token="?"),
                lookup_case([["a", "b"], ["c", "zed"]], WORDS, num_oov_indices=0),
                lookup_case([["a", "b"], ["c", "a"]], vocabulary=["c", "b", "a"]),
                lookup_case(UNSEEN, WORDS, output_mode="multi_hot", mask_token=""),
                lookup_case(UNSEEN, WORDS, output_mode="count"),
                lookup_case(UNSEEN, WORDS, output_mode="count", max_tokens=9, pad_to_max_tokens=True),
                lookup_case(UNSEEN, WORDS, output_mode="tf_idf", mask_token=""),
                lookup_case(UNSEEN, vocabulary=["a", "b"], idf_weights=[0.5, 0.25], output_mode="tf_idf"),
                lookup_case(["a", "nope", "b"], WORDS, output_mode="one_hot"),
                lookup_case(["a", "b", "c"], WORDS, output_mode="one_hot", num_oov_indices=0),
                lookup_case(UNSEEN, WORDS, output_mode="one_hot"),
                lookup_case([["a"], ["nope"]], WORDS, output_mode="one_hot"),
                lookup_case(MANY, WORDS, num_oov_indices=3),
                lookup_case(MANY, WORDS, num_oov_indices=5, mask_token=""),
                lookup_case(MANY, WORDS, num_oov_indices=2, max_tokens=4, oov_token="b"),
                lookup_case(MANY, WORDS, num_oov_indices=4, salt=[133, 137]),
                lookup_case(MANY, WORDS, num_oov_indices=4, salt=7, output_mode="count"),
                lookup_case(MANY, WORDS, num_oov_indices=3, output_mode="tf_idf", mask_token=""),
                lookup_case([["b", "c"]], vocabulary=["[UNK]", "[UNK]", "c", "b"], num_oov_indices=2),
            ],
            "integerLookup": [
                call_case(layers.IntegerLookup, [], NUMBERS, SEEN),
                call_case(layers.IntegerLookup, [], NUMBERS, SEEN, mask_token=0),
                call_case(layers.IntegerLookup, [], NUMBERS, SEEN, max_tokens=3, oov_token=-7),
                call_case(layers.IntegerLookup, [], [[12, 7], [5, 7]], SEEN, num_oov_indices=0),
                call_case(layers.IntegerLookup, [], NUMBERS, SEEN, num_oov_indices=3),
                call_case(layers.IntegerLookup, [], NUMBERS, SEEN, num_oov_indices=3, oov_method="farmhash", mask_token=0),
                call_case(layers.IntegerLookup, [], NUMBERS, SEEN, num_oov_indices=4, oov_method="farmhash", salt=[1, 99]),
                call_case(layers.IntegerLookup, [], NUMBERS, vocabulary=[7, 5], output_mode="multi_hot"),
                call_case(layers.IntegerLookup, [], NUMBERS, SEEN, output_mode="count", max_tokens=8, pad_to_max_tokens=True),
                call_case(layers.IntegerLookup, [], NUMBERS, SEEN, output_mode="tf_idf", mask_token=0),
                call_case(layers.IntegerLookup, [], NUMBERS, SEEN, output_mode="one_hot"),
            ],
            "categoryEncoding": [
                call_case(layers.CategoryEncoding, [4], [[0, 1], [3, 3]]),
                call_case(layers.CategoryEncoding, [4], [[0, 1], [3, 3]], output_mode="one_hot"),
                call_case(layers.CategoryEncoding, [4], [[2], [0], [3]], output_mode="one_hot"),
                call_case(layers.CategoryEncoding, [4], [2, 0, 3], output_mode="one_hot"),
                call_case(layers.CategoryEncoding, [5], [[0, 1, 1], [3, 3, 3]], output_mode="count"),
                call_case(layers.CategoryEncoding, [4], [[0, 1], [3, 3]], weights=[[0.5, 2.0], [0.25, -1.0]], output_mode="count"),
            ],
            "hashing": [
                call_case(layers.Hashing, [3], [["A"], ["B"], ["C"], ["D"], ["E"]]),
                call_case(layers.Hashing, [1000000007], [[text] for text in LENGTHS]),
                call_case(layers.Hashing, [1000000007], [[text] for text in LENGTHS], salt=[133, 137]),
                call_case(layers.Hashing, [1000000007], [[text] for text in LENGTHS], salt=9007199254740991),
                call_case(layers.Hashing, [5], [["A", ""], ["B", "C"]], mask_value=""),
                call_case(layers.Hashing, [1], [["A", ""]], mask_value=""),
                call_case(layers.Hashing, [1000], NUMBERS),
                call_case(layers.Hashing, [1000], NUMBERS, mask_value=0, salt=5),
                call_case(layers.Hashing, [4], [["A"], ["B"]], output_mode="one_hot"),
                call_case(layers.Hashing, [4], [["A", "B", "A"], ["B", "C", "D"]], output_mode="multi_hot"),
                call_case(layers.Hashing, [4], [["A", "B", "A"], ["B", "C", "D"]], output_mode="count"),
            ],
            "discretization": [
                call_case(layers.Discretization, [], [[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 2.0]], bin_boundaries=[0.0, 1.0, 2.0]),
                call_case(layers.Discretization, [], [[0.1, 0.09999999], [0.10000001, 1e30]], bin_boundaries=[0.1]),
                call_case(layers.Discretization, [], [[-1.5], [1.0]], bin_boundaries=[0.0, 1.0], output_mode="one_hot"),
                call_case(layers.Discretization, [], [[-1.5, 1.0], [1.0, 5.0]], bin_boundaries=[0.0, 1.0], output_mode="one_hot"),
                call_case(layers.Discretization, [], [[-1.5, 1.0], [1.0, 5.0]], bin_boundaries=[0.0, 1.0], output_mode="multi_hot"),
                call_case(layers.Discretization, [], [[-1.5, 1.0], [1.0, 5.0]], bin_boundaries=[0.0, 1.0], output_mode="count"),
                call_case(layers.Discretization, [], [[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]], [[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]], num_bins=4),
                call_case(layers.Discretization, [], values[:5], values, num_bins=7),
                call_case(layers.Discretization, [], values[:5], values, num_bins=10, epsilon=0.03),
                call_case(layers.Discretization, [], values[:5], values, num_bins=3, epsilon=0.5),
                call_case(layers.Discretization, [], [[1.0], [2.0]], [[1.0], [1.0], [1.0], [2.0]], num_bins=3),
            ],
            "textVectorization": [
                text_case(output_mode="multi_hot"),
                text_case(output_mode="count", max_tokens=8),
                text_case(output_mode="tf_idf"),
                text_case(output_mode="count", max_tokens=60, pad_to_max_tokens=True),
                text_case(ngrams=2),
                text_case(ngrams=[2, 3], output_sequence_length=6),
                text_case(ngrams=2, split="character", output_mode="count", max_tokens=20),
                text_case(vocabulary=["good", "bad", "the"], output_mode="multi_hot"),
            ],
            "normalization": [
                normalization_case(series, series),
                normalization_case(series, series, axis=None),
                normalization_case(series, series, axis=[1, 2]),
                normalization_case(series, series, axis=1),
                normalization_case(series, series, invert=True),
                normalization_case(series, mean=[1.0, -2.0, 0.5], variance=[4.0, 0.25, 1.0]),
                normalization_case(series, mean=0.5, variance=2.0, axis=None),
                normalization_case(constant, constant),
            ],
        },
    )
