"""Data preparation: pad_sequences, to_categorical and TextVectorization."""

from common import camel, keras, np, tensor, write

SEQUENCES = [[1, 2, 3, 4, 5], [6], [], [7, 8, 9]]
TRAIN = [
    "The film was good, really GOOD!",
    "A bad film... bad, bad acting; it wasn't for me.",
    "Good acting<br />and a \"well-made\" script",
    "zebra apple mango Apple",
    "  white\tspace\nand   more  ",
    "Été caf\u00e9 na\u00efve \u00c9t\u00e9 \u2014 dash \uc601\ud654\uac00 \uc88b\ub2e4",
]
TEST = ["the GOOD, the bad & the ugly", "", "unseen words only", "it wasn't well-made", "\u00c9T\u00c9 \u00e9t\u00e9 \uc601\ud654\uac00"]


SERIES = [[0.5, -1.25], [2.0], [], [0.125, 3.75, -0.5]]
VECTORS = [[], [[0.5, 1.0], [2.0, -0.25]], [[3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0], [9.5, -1.0]]]
ID_VECTORS = [[[1, 2], [3, 4]], [[5, 6]]]


def padding_case(options, sequences=SEQUENCES):
    padded = keras.utils.pad_sequences(sequences, **options)
    names = {"maxlen": "maxLength"}
    return {"sequences": sequences, "options": {names.get(key, key): value for key, value in options.items()}, "padded": tensor(padded)}


def text_case(**options):
    vectorization = keras.layers.TextVectorization(**options)
    vectorization.adapt(TRAIN)
    standardize = options.get("standardize", "lower_and_strip_punctuation")
    named = {camel(key): value for key, value in options.items()} | ({"standardize": camel(standardize)} if standardize else {})
    return {
        "options": named,
        "adapted": TRAIN,
        "vocabulary": vectorization.get_vocabulary(),
        "texts": TEST,
        "ids": tensor(np.asarray(vectorization(np.array(TEST)))),
    }


def main():
    paddings = [{}, {"maxlen": 3}, {"maxlen": 3, "truncating": "post"}, {"maxlen": 7, "padding": "post"}, {"maxlen": 4, "padding": "post", "truncating": "post", "value": -1}]
    floats = {"dtype": "float32"}
    padded = [padding_case(options) for options in paddings]
    padded += [padding_case(floats | options, SERIES) for options in [{}, {"maxlen": 2, "padding": "post", "value": -0.5}]]
    padded += [padding_case(floats | options, VECTORS) for options in [{}, {"maxlen": 2}, {"maxlen": 2, "truncating": "post"}, {"maxlen": 4, "padding": "post", "value": -1.5}]]
    padded += [padding_case({"value": 9}, ID_VECTORS), padding_case(floats, [[], []])]
    classes = [(np.array([0, 2, 1, 2]), None), (np.array([[1], [0], [3]]), 5), (np.array([[1, 0], [2, 2]]), None)]
    categorical = [{"classes": tensor(values), "numClasses": count, "oneHot": tensor(keras.utils.to_categorical(values, count))} for values, count in classes]
    texts = [
        text_case(),
        text_case(max_tokens=8),
        text_case(max_tokens=12, output_sequence_length=4),
        text_case(standardize=None),
        text_case(standardize="lower"),
        text_case(standardize="strip_punctuation"),
        text_case(split="character"),
    ]
    write("data", {"padSequences": padded, "toCategorical": categorical, "textVectorization": texts})
