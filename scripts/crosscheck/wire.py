"""Processes that answer lines of JSON, and arrays as JSON."""

import json
import os
import subprocess
import sys

import numpy as np

FOLDER = os.path.dirname(os.path.abspath(__file__))


class Process:
    """A process that answers each line with a line."""

    def __init__(self, name, command, **environment):
        self.name = name
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **environment}
        )

    def ask(self, message):
        self.send(message)
        return self.answer()

    def send(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def answer(self):
        for line in self.process.stdout:
            if line.startswith("answer "):
                return json.loads(line[7:])
        raise SystemExit(f"the process of {self.name} ended")


def as_data(array):
    array = np.asarray(array)
    if array.dtype == object:
        return {"texts": array.tolist()}
    return {"shape": list(array.shape), "type": str(array.dtype), "data": array.astype("float64").ravel().tolist()}


def as_array(data):
    if "texts" in data:
        return np.array(data["texts"], dtype=object)
    return np.array(data["data"], "float64").reshape(data["shape"]).astype(data.get("type", "float64"))


def import_keras():
    """Imports Keras. On JAX and PyTorch only layers that prepare data need TensorFlow, which takes longer to import than all else."""
    if os.environ["KERAS_BACKEND"] != "tensorflow":
        sys.modules["tensorflow"] = None
    import keras  # noqa: F401

    if sys.modules.get("tensorflow", "") is None:
        del sys.modules["tensorflow"]


def single_thread():
    """The computations are small: more threads only wait for each other."""
    import keras

    if keras.backend.backend() == "torch":
        import torch

        torch.set_num_threads(1)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
