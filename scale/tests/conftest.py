"""Shared by the tests: how the command is run, and a small model with its data."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

os.environ["KERAS_BACKEND"] = "jax"
PACKAGE = Path(__file__).resolve().parents[1]
GOLDEN = PACKAGE / "tests" / "golden"
TIMEOUT_SECONDS = 400


def command(*arguments):
    """The command line of this package, whether it is installed or not."""
    return [sys.executable, "-m", "backtime_scale", *map(str, arguments)]


def environment():
    """Without the backend of the tests, so that the command chooses its own."""
    kept = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    return {**kept, "PYTHONPATH": str(PACKAGE), "RAY_worker_niceness": "0"}


def run(*arguments, code=0):
    """Runs a command with --json, and gives the objects of its lines."""
    done = subprocess.run(command(*arguments, "--json"), env=environment(), capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return [json.loads(line) for line in done.stdout.splitlines()]


def weights(path):
    """The weights of a .keras file."""
    import keras

    return keras.saving.load_model(path).get_weights()


def distance(first, second):
    """The greatest difference of two lists of weights."""
    import numpy as np

    return max(float(np.abs(a - np.reshape(b, a.shape)).max()) for a, b in zip(first, second, strict=True))


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """A folder with `model.keras` and `data.npz`: 203 sequences, whose sums are to be learnt."""
    import keras
    import numpy as np

    folder = tmp_path_factory.mktemp("small")
    keras.utils.set_random_seed(7)
    model = keras.Sequential([keras.Input((6, 3)), keras.layers.LSTM(5), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse", metrics=["mae"])
    model.save(folder / "model.keras")
    x = np.random.default_rng(0).normal(size=(203, 6, 3)).astype("float32")
    np.savez(folder / "data.npz", x=x, y=x.sum((1, 2)), sample_weight=np.linspace(0.5, 1.5, 203))
    return folder
