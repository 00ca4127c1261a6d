"""PyTorch as its users write it: nn.RNN, nn.LSTM and nn.GRU, a loss from logits, an optimizer step."""

import torch
from torch import nn

from data import batches_in_unit, make_batches


def set_threads(threads):
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(threads)


def versions():
    return {"PyTorch": torch.__version__}


class Network(nn.Module):
    def __init__(self, workload):
        super().__init__()
        layers = workload["layers"]
        self.layers = nn.ModuleList()
        self.sequences = []
        size = workload.get("features", 0)
        for layer in layers:
            kind = layer["type"]
            if kind == "OneHot":
                size = layer["depth"]
                continue
            if kind == "Embedding":
                module = nn.Embedding(layer["vocabulary"], layer["units"])
            elif kind == "Dense":
                module = nn.Linear(size, layer["units"])
            else:
                cell = {"SimpleRNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}[kind]
                module = cell(size, layer["units"], batch_first=True)
            self.layers.append(module)
            self.sequences.append(layer.get("returnSequences", False))
            size = layer["units"]

    def forward(self, x, lengths=None):
        for layer, sequences in zip(self.layers, self.sequences):
            if not isinstance(layer, nn.RNNBase):
                x = layer(x)
            elif lengths is not None:
                packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
                state = layer(packed)[1]
                x = (state[0] if isinstance(state, tuple) else state)[-1]
            else:
                x = layer(x)[0]
                if not sequences:
                    x = x[:, -1]
        return x


def make_loss(name):
    if name == "binaryCrossentropy":
        return nn.BCEWithLogitsLoss()
    if name == "meanSquaredError":
        return nn.MSELoss()
    cross_entropy = nn.CrossEntropyLoss()
    return lambda logits, labels: cross_entropy(logits.flatten(0, 1), labels.flatten())


def make_tensors(workload):
    """Inputs, targets and lengths. A packed sequence begins at its first step, so padding moves behind."""
    masked = any(layer.get("maskZero") for layer in workload["layers"])
    batches = []
    for index, (x, y) in enumerate(make_batches(workload)):
        lengths = None
        if masked:
            first = index * workload["batch"]
            own = workload["lengths"][first : first + workload["batch"]]
            for row, length in zip(x, own):
                row[:] = [*row[workload["steps"] - length :], *([0] * (workload["steps"] - length))]
            lengths = torch.tensor(own)
        batches.append((torch.from_numpy(x), torch.from_numpy(y), lengths))
    return batches


def prepare(workload, kind):
    if workload["unit"] == "stream":
        return prepare_stream(workload)
    network = Network(workload)
    batches = make_tensors(workload)
    steps = batches_in_unit(workload)
    loss = make_loss(workload["loss"])
    make_optimizer = {"sgd": lambda p: torch.optim.SGD(p, 0.01), "adam": lambda p: torch.optim.Adam(p, 0.001)}
    optimizer = make_optimizer[workload["optimizer"]](network.parameters())
    place = 0

    def batches_for(units):
        nonlocal place
        for _ in range(units * steps):
            yield batches[place]
            place = (place + 1) % len(batches)

    def train(units):
        for x, y, lengths in batches_for(units):
            optimizer.zero_grad()
            loss(network(x, lengths), y).backward()
            optimizer.step()

    def infer(units):
        with torch.inference_mode():
            for x, _, lengths in batches_for(units):
                network(x, lengths)

    return train if kind == "train" else infer


def prepare_stream(workload):
    layer = workload["layers"][0]
    cell = nn.LSTMCell(workload["features"], layer["units"])
    x = torch.rand(1, workload["features"])

    def run(units):
        state = None
        with torch.inference_mode():
            for _ in range(units):
                state = cell(x, state)

    return run
