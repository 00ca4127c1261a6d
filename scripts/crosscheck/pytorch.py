"""What other programs compute, for scripts/crosscheck/pytorch.mjs: one JSON file for each command.

    pytorch.py phonemes FOLDER OUT   the phonemes of 1,000 words, by the numpy code of the package g2p_en
    pytorch.py voices FOLDER OUT     the embeddings of 20 utterances, by torch with the weights of the package resemblyzer
    pytorch.py written FOLDER        loads the files of FOLDER that Backtime wrote in torch, and compares outputs
"""

import ast
import json
import pathlib
import sys

import numpy as np


def tensor(array):
    return {"shape": list(array.shape), "data": np.asarray(array, dtype=np.float64).reshape(-1).tolist()}


def g2p_class(folder):
    """The class of the package, without the imports of its module, which download data."""
    tree = ast.parse((folder / "g2p_en" / "g2p.py").read_text())
    tree.body = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    os = __import__("os")
    empty = type("Empty", (), {"dict": staticmethod(dict)})
    scope = {"np": np, "os": os, "dirname": str(folder / "g2p_en"), "cmudict": empty, "construct_homograph_dictionary": dict}
    exec(compile(tree, "g2p.py", "exec"), scope)
    return scope["G2p"]


def words(folder):
    """The homographs of the package, then words of made-up syllables, 1,000 in all."""
    lines = (folder / "g2p_en" / "homographs.en").read_text().splitlines()
    found = sorted({line.split("|")[0].lower() for line in lines if line[:1].isalpha()})
    rng = np.random.default_rng(1)
    onsets = ["", "b", "br", "c", "ch", "d", "f", "fl", "g", "h", "j", "k", "l", "m", "n", "p", "qu", "r", "s", "sh", "st", "t", "th", "w", "z"]
    vowels = ["a", "e", "i", "o", "u", "ai", "ea", "ee", "oo", "ou", "y"]
    codas = ["", "b", "ck", "d", "ght", "l", "m", "n", "ng", "nt", "p", "r", "s", "ss", "t", "x"]
    while len(found) < 1000:
        word = "".join(str(rng.choice(part)) for _ in range(rng.integers(1, 5)) for part in (onsets, vowels, codas))
        if word not in found:
            found.append(word)
    return found[:1000]


def phonemes(folder, out):
    g2p = g2p_class(folder)()
    cases = {word: g2p.predict(word) for word in words(folder)}
    out.write_text(json.dumps({"graphemes": g2p.graphemes, "phonemes": g2p.phonemes, "words": cases}))


def voices(folder, out):
    """The network of resemblyzer/voice_encoder.py. The package's file is of PyTorch before 1.6, so it is saved again."""
    import torch
    from torch import nn

    checkpoint = torch.load(folder / "resemblyzer" / "pretrained.pt", map_location="cpu", weights_only=True)
    torch.save(checkpoint, out.with_suffix(".pt"))
    state = checkpoint["model_state"]
    lstm, linear = nn.LSTM(40, 256, 3, batch_first=True), nn.Linear(256, 256)
    lstm.load_state_dict({name[5:]: value for name, value in state.items() if name.startswith("lstm.")})
    linear.load_state_dict({name[7:]: value for name, value in state.items() if name.startswith("linear.")})
    rng = np.random.default_rng(2)
    # Like the logarithms of mel spectrograms: 1.6 s in steps of 10 ms.
    mels = torch.from_numpy(np.abs(rng.normal(size=(20, 160, 40))).cumsum(1).astype(np.float32) % 2)
    with torch.no_grad():
        raw = torch.relu(linear(lstm(mels)[1][0][-1]))
    out.write_text(json.dumps({"mels": tensor(mels.numpy()), "embeddings": tensor((raw / raw.norm(dim=1, keepdim=True)).numpy())}))


def written(folder):
    import safetensors.torch
    import torch
    from torch import nn

    class Network(nn.Module):
        def __init__(self, cell, bias):
            super().__init__()
            self.embedding = nn.Embedding(7, 3)
            self.conv = nn.Conv1d(3, 4, 3, padding=1)
            self.bn = nn.BatchNorm1d(4)
            self.rnn = cell(4, 5, num_layers=2, bidirectional=True, batch_first=True, bias=bias)
            self.norm = nn.LayerNorm(10)
            self.fc = nn.Linear(10, 2)

        def forward(self, ids):
            channels = self.bn(self.conv(self.embedding(ids).transpose(1, 2)))
            return self.fc(self.norm(self.rnn(channels.transpose(1, 2))[0]))

    failed = 0
    for path in sorted(folder.glob("*.safetensors")):
        case = json.loads(path.with_suffix(".json").read_text())
        module = Network(getattr(nn, case["cell"]), case["bias"]).eval()
        module.load_state_dict(safetensors.torch.load_file(path))
        ids = torch.tensor(case["ids"]["data"]).reshape(case["ids"]["shape"])
        with torch.no_grad():
            difference = float((module(ids).reshape(-1) - torch.tensor(case["outputs"])).abs().max())
        failed += difference > 1e-5
        print(f"{path.name}: PyTorch {torch.__version__} loads it, largest difference {difference:.1e}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    command, *paths = sys.argv[1:]
    {"phonemes": phonemes, "voices": voices, "written": written}[command](*map(pathlib.Path, paths))
