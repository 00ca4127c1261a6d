"""What textgenrnn's network gives, computed by numpy alone: `textgenrnn.py FOLDER OUT`.

Two LSTMs over characters, an average of their outputs and of the embeddings whose weights are learned, and a softmax.
The weights are those of CuDNNLSTM layers of Keras 2: the kernels of a gate lie in other orders, and there are two biases.
"""

import json
import pathlib
import sys

import h5py
import numpy as np

STEPS, UNITS = 40, 128


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm(x, kernel, recurrent, biases):
    gates = [k.T.reshape(k.shape, order="F") for k in np.hsplit(kernel, 4)]
    states = [r.T for r in np.hsplit(recurrent, 4)]
    bias = np.split(biases[: 4 * UNITS] + biases[4 * UNITS :], 4)
    h, c, outputs = np.zeros((len(x), UNITS)), np.zeros((len(x), UNITS)), []
    for t in range(x.shape[1]):
        i, f, g, o = (x[:, t] @ k + h @ r + b for k, r, b in zip(gates, states, bias, strict=True))
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs, axis=1)


def main(folder, out):
    file = h5py.File(next(pathlib.Path(folder).rglob("textgenrnn_weights.hdf5")))

    def weights(layer):
        group = file[layer]
        return [np.asarray(group[name], dtype="float64") for name in group.attrs["weight_names"]]

    def probabilities(ids):
        embedded = weights("embedding")[0][ids]
        first = lstm(embedded, *weights("rnn_1"))
        x = np.concatenate([embedded, first, lstm(first, *weights("rnn_2"))], axis=-1)
        logits = (x @ weights("attention")[0])[..., 0]
        scores = np.exp(logits - logits.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=1, keepdims=True) + 1e-7
        kernel, bias = weights("output")
        classes = (x * scores[..., None]).sum(axis=1) @ kernel + bias
        classes = np.exp(classes - classes.max(axis=-1, keepdims=True))
        return classes / classes.sum(axis=-1, keepdims=True)

    vocabulary = json.loads(next(pathlib.Path(folder).rglob("textgenrnn_vocab.json")).read_text())
    characters = {index: token for token, index in vocabulary.items()}

    def encoded(tokens):
        ids = [vocabulary.get(token, 0) for token in tokens[-STEPS:]]
        return [0] * (STEPS - len(ids)) + ids

    ids = np.array([encoded(["<s>", *text]) for text in ("", "The", "Why do cats", "How to learn a language in a week and not forget it")])
    text = ["<s>"]
    while len(text) < 60:
        text.append(characters.get(int(np.argmax(probabilities(np.array([encoded(text)]))[0])), ""))
        if text[-1] == "<s>":
            break
    content = {"vocabulary": vocabulary, "ids": ids.tolist(), "probabilities": probabilities(ids).ravel().tolist(), "text": text}
    pathlib.Path(out).write_text(json.dumps(content))


if __name__ == "__main__":
    main(*sys.argv[1:])
