"""PyTorch as its users write it: nn.RNN, nn.LSTM and nn.GRU, a loss from logits, an optimizer step."""

import torch
from torch import nn

from data import batches_in_unit, make_batches


def set_threads(threads):
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(threads)


def versions():
    return {"PyTorch": torch.__version__}


class Chain(nn.Module):
    """Layers one after the other."""

    def __init__(self, layers, size):
        super().__init__()
        self.layers = nn.ModuleList()
        self.sequences = []
        for layer in layers:
            kind = layer["type"]
            if kind == "OneHot":
                size = layer["depth"]
                continue
            directions = 2 if layer.get("bidirectional") else 1
            if kind == "Embedding":
                module = nn.Embedding(layer["vocabulary"], layer["units"])
            elif kind == "Dense":
                module = nn.Linear(size, layer["units"])
            else:
                cell = {"SimpleRNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}[kind]
                module = cell(size, layer["units"], batch_first=True, bidirectional=directions == 2)
            self.layers.append(module)
            self.sequences.append(layer.get("returnSequences", False))
            size = layer["units"] * directions

    def forward(self, x, lengths=None, begin=None):
        """The output, and the state of the last recurrent layer. `begin` is the state that recurrent layers begin with."""
        state = None
        for layer, sequences in zip(self.layers, self.sequences):
            if not isinstance(layer, nn.RNNBase):
                x = layer(x)
                continue
            steps = x if lengths is None else nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            outputs, state = layer(steps, begin)
            if sequences and lengths is None:
                x = outputs
            elif layer.bidirectional or lengths is not None:
                # The last step of the direction back is the first of the sequence.
                last = state[0] if isinstance(state, tuple) else state
                x = torch.cat([*last], dim=-1)
            else:
                x = outputs[:, -1]
        return x, state


class Network(nn.Module):
    def __init__(self, workload):
        super().__init__()
        size = workload.get("features", 0)
        self.encoder = Chain(workload["encoder"], size) if "encoder" in workload else None
        self.chain = Chain(workload["layers"], size)

    def forward(self, x, lengths=None):
        begin = None
        if self.encoder is not None:
            source, x = x
            begin = self.encoder(source)[1]
        return self.chain(x, lengths, begin)[0]


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
        inputs = [torch.from_numpy(part) for part in x] if isinstance(x, list) else torch.from_numpy(x)
        batches.append((inputs, torch.from_numpy(y), lengths))
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
