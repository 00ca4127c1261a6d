"""Writes every file of test/golden/ (see README.md beside them). Run it with `npm run golden`."""

import importlib
import sys

sys.dont_write_bytecode = True
MODULES = ["recurrent", "layers", "losses", "metrics", "optimizers", "training", "truncation", "initializers", "data", "callbacks", "graphs", "stateful", "masks", "rules", "cells", "rnn", "timeseries", "plateaus", "moreLayers"]

if __name__ == "__main__":
    for name in sys.argv[1:] or MODULES:
        importlib.import_module(name).main()
