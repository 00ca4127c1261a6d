"""Makes the files of PyTorch that docs/from-pytorch.md loads, and loads the one that it writes.

    pip install torch==2.15.0 safetensors==0.8.0
    python make.py                           # writes tagger.pt and tagger.safetensors
    python make.py for-pytorch.safetensors   # loads a file that Backtime wrote
"""

import sys

import safetensors.torch
import torch
from torch import nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(50, 8, padding_idx=0)
        self.rnn = nn.LSTM(8, 6, num_layers=2, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(12, 3)

    def forward(self, ids):
        return self.fc(self.rnn(self.embedding(ids))[0])


class Written(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 16, batch_first=True)
        self.fc = nn.Linear(16, 2)


if len(sys.argv) > 1:
    model = Written()
    model.load_state_dict(safetensors.torch.load_file('for-pytorch.safetensors'))
else:
    torch.manual_seed(1)
    model = Tagger()
    torch.save(model.state_dict(), 'tagger.pt')
    safetensors.torch.save_file(model.state_dict(), 'tagger.safetensors')
    print(model(torch.tensor([[3, 1, 4]]))[0, -1].tolist())
