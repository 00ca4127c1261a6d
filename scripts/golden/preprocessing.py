"""Preprocessing layers: StringLookup, Normalization, and the output modes of TextVectorization."""

from common import camel, exact, generator, keras, np, tensor, write
from data import TEST, TRAIN

layers = keras.layers
WORDS = [["b", "a", "b"], ["c", "b", ""], ["a", "b", "zed"]]
UNSEEN = [["a", "nope", "b"], ["", "b", "b"]]


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
