"""Files as PyTorch writes them, inputs and outputs: layers, types of floats, forms of state_dicts, and what is refused.

It needs torch and safetensors (the CPU's torch is enough) in place of Keras, so `npm run golden` leaves it out:

    python3 -m venv /tmp/torch-venv && /tmp/torch-venv/bin/pip install torch==2.15.0 safetensors==0.8.0 numpy==2.4.6
    /tmp/torch-venv/bin/python scripts/golden/pytorch.py
"""

import base64
import collections
import io
import json
import pathlib
import warnings

import numpy as np
import safetensors
import safetensors.torch
import torch
from torch import nn

OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "test" / "golden" / "pytorch.json"
SEED = 20261129
rng = np.random.default_rng(SEED)


def exact(*shape, scale=1.0):
    """Normal numbers rounded to multiples of 1/128, which every type of floats but bfloat16 holds."""
    return torch.from_numpy(np.round(rng.normal(size=shape) * scale * 128) / 128)


def tensor(array):
    return {"shape": list(array.shape), "data": array.detach().reshape(-1).tolist()}


def with_exact_weights(module):
    """In float64, so that the outputs have all digits; the file has another type."""
    module = module.double().eval()
    with torch.no_grad():
        for name, parameter in module.state_dict().items():
            if parameter.dtype == torch.float64:
                values = exact(*parameter.shape, scale=0.5)
                parameter.copy_(values.abs() + 0.5 if name.endswith("running_var") else values)
    return module


def saved(content, **options):
    stream = io.BytesIO()
    torch.save(content, stream, **options)
    return base64.b64encode(stream.getvalue()).decode()


def in_safetensors(state, **options):
    return base64.b64encode(safetensors.torch.save({name: value.contiguous() for name, value in state.items()}, **options)).decode()


def case(module, x, dtype=torch.float32, ids=False):
    """The module's files, and what it gives for x with the weights that the files have."""
    module = with_exact_weights(module)
    with torch.no_grad():
        for value in [*module.parameters(), *module.buffers()]:
            if value.is_floating_point():
                value.copy_(value.to(dtype).double())
        y = module(x.long() if ids else x)
    state = {name: value.to(dtype) if value.is_floating_point() else value for name, value in module.state_dict().items()}
    file = collections.OrderedDict(state)
    file._metadata = module.state_dict()._metadata
    return {"x": tensor(x), "y": tensor(y), "pt": saved(file), "safetensors": in_safetensors(state)}


class Tagger(nn.Module):
    """Embedding, two bidirectional layers, a score for each step."""

    def __init__(self, cell, layers=2, bidirectional=True):
        super().__init__()
        self.embedding = nn.Embedding(7, 3, padding_idx=0)
        self.rnn = cell(3, 4, num_layers=layers, bidirectional=bidirectional, batch_first=True)
        self.fc = nn.Linear(8 if bidirectional else 4, 2)

    def forward(self, x):
        return self.fc(self.rnn(self.embedding(x))[0])


class Recurrent(nn.Module):
    """One recurrent layer; the output of the last step."""

    def __init__(self, cell, **options):
        super().__init__()
        self.rnn = cell(3, 4, batch_first=True, **options)

    def forward(self, x):
        return self.rnn(x)[0][:, -1]


class Cells(nn.Module):
    """The cells that a loop of one's own runs."""

    def __init__(self):
        super().__init__()
        self.first = nn.LSTMCell(3, 4)
        self.second = nn.GRUCell(4, 2)

    def forward(self, x):
        h, c, g = x.new_zeros(len(x), 4), x.new_zeros(len(x), 4), x.new_zeros(len(x), 2)
        for step in range(x.shape[1]):
            h, c = self.first(x[:, step], (h, c))
            g = self.second(h, g)
        return g


class Convolutions(nn.Module):
    """Convolutions, whose channels PyTorch has before the steps, and normalizations."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(4, 6, 3, padding=1, groups=2)
        self.bn = nn.BatchNorm1d(6)
        self.dilated = nn.Conv1d(6, 5, 2, dilation=2, bias=False)
        self.norm = nn.LayerNorm(5)

    def forward(self, x):
        return self.norm(self.dilated(self.bn(self.conv(x.transpose(1, 2)))).transpose(1, 2))


class Image(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 3, (3, 2))

    def forward(self, x):
        return self.conv(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


def layers():
    sequences = exact(3, 5, 3)
    tokens = torch.from_numpy(rng.integers(0, 7, size=(3, 5)))
    return {
        "lstm tagger": case(Tagger(nn.LSTM), tokens, ids=True),
        "gru tagger": case(Tagger(nn.GRU), tokens, ids=True),
        "rnn tagger": case(Tagger(nn.RNN), tokens, ids=True),
        "gru of one direction": case(Tagger(nn.GRU, layers=3, bidirectional=False), tokens, ids=True),
        "lstm": case(Recurrent(nn.LSTM), sequences),
        "lstm without bias": case(Recurrent(nn.LSTM, bias=False), sequences),
        "gru": case(Recurrent(nn.GRU), sequences),
        "gru without bias": case(Recurrent(nn.GRU, bias=False), sequences),
        "rnn with relu": case(Recurrent(nn.RNN, nonlinearity="relu"), sequences),
        "cells": case(Cells(), sequences),
        "convolutions": case(Convolutions(), exact(3, 7, 4)),
        "image": case(Image(), exact(2, 5, 4, 2)),
        "dense": case(nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 4, bias=False), nn.Tanh(), nn.Linear(4, 2)), exact(4, 3)),
        "float16": case(Recurrent(nn.LSTM), sequences, dtype=torch.float16),
        "bfloat16": case(Recurrent(nn.GRU), sequences, dtype=torch.bfloat16),
        "float64": case(Recurrent(nn.GRU), sequences, dtype=torch.float64),
    }


def forms():
    """The same two tensors in other files; each is a state_dict of an nn.Linear(3, 2)."""
    weight, bias = exact(2, 3).float(), exact(2).float()
    plain = {"weight": weight, "bias": bias}
    shared = torch.cat([exact(4).float(), weight.t().reshape(-1), bias])
    parameters = collections.OrderedDict((name, nn.Parameter(value)) for name, value in plain.items())
    linear = nn.Linear(3, 2)
    linear.load_state_dict(plain)
    optimizer = torch.optim.Adam(linear.parameters())
    linear(torch.ones(1, 3)).sum().backward()
    stepped = {"epoch": 3, "best": 0.25, "note": "µ", "done": True, "state_dict": linear.state_dict(), "optimizer": optimizer.state_dict()}
    views = {"weight": shared.as_strided((2, 3), (1, 2), 4), "bias": shared[10:]}
    files = {
        "a dict": saved(plain),
        "an OrderedDict": saved(linear.state_dict()),
        "parameters": saved(parameters),
        "a checkpoint": saved(stepped),
        "views of one storage": saved(views),
        "another order": saved({"bias": bias, "weight": weight}),
        "protocol 3": saved(linear.state_dict(), pickle_protocol=3),
        "protocol 4": saved(linear.state_dict(), pickle_protocol=4),
        "protocol 5": saved(plain, pickle_protocol=5),
    }
    return {"weight": tensor(weight), "bias": tensor(bias), "files": files}


class Whole(nn.Linear):
    """A model of a user's own module."""


def refused():
    linear = nn.Linear(3, 2)
    script = io.BytesIO()
    torch.jit.save(torch.jit.script(linear), script)
    state = linear.state_dict()
    return {
        "a whole model": saved(Whole(3, 2)),
        "a TorchScript program": base64.b64encode(script.getvalue()).decode(),
        "a file of before 1.6": saved(state, _use_new_zipfile_serialization=False),
        "one tensor": saved(torch.ones(3)),
        "a list": saved([torch.ones(3)]),
        "no tensors": saved({"epoch": 1}),
        "two state_dicts": saved({"model": state, "ema": state}),
        "a numpy number": saved({"state_dict": state, "loss": np.float64(0.5)}),
        "proj_size": saved(nn.LSTM(3, 4, proj_size=2).state_dict()),
        "whole numbers": saved({"weight": torch.ones(2, 3, dtype=torch.int32), "bias": torch.ones(2)}),
        "a number beyond float32": saved({"weight": torch.full((2, 3), 1e300, dtype=torch.float64), "bias": torch.ones(2)}),
    }


def main():
    warnings.simplefilter("ignore")
    header = {"generator": "scripts/golden/pytorch.py", "torch": torch.__version__, "safetensors": safetensors.__version__, "seed": SEED}
    content = {"header": header, "layers": layers(), "forms": forms(), "refused": refused()}
    parts = []
    for key, cases in content.items():
        # One line a case keeps the history readable.
        inside = ",\n".join(f"{json.dumps(name)}:{json.dumps(value, separators=(',', ':'))}" for name, value in cases.items())
        parts.append(f"{json.dumps(key)}:{{\n{inside}\n}}")
    OUTPUT.write_text("{" + ",\n".join(parts) + "}\n")


if __name__ == "__main__":
    main()
