"""Inputs and targets of a workload: of the same shapes and ranges as data.mjs makes them."""

import numpy as np


def make_batches(workload):
    """Pairs of inputs and targets, one for each batch. The inputs of a workload with an encoder are a list, the encoder's first."""
    rng = np.random.default_rng(1)
    batch, steps, batches = workload["batch"], workload["steps"], workload["batches"]
    count = batch * batches
    lengths = workload.get("lengths")
    if "vocabulary" in workload:
        x = rng.integers(1 if lengths else 0, workload["vocabulary"], (count, steps)).astype(np.int32)
        for row, length in enumerate(lengths or []):
            x[row, : steps - length] = 0
    else:
        x = rng.uniform(-1, 1, (count, steps, workload["features"])).astype(np.float32)
    if workload["layers"][0]["type"] == "OneHot":
        x = np.eye(workload["layers"][0]["depth"], dtype=np.float32)[x]
    outputs = workload["layers"][-1]["units"]
    if workload["loss"] == "sparseCategoricalCrossentropy":
        y = rng.integers(0, outputs, (count, steps)).astype(np.int64)
    elif workload["loss"] == "binaryCrossentropy":
        y = rng.integers(0, 2, (count, outputs)).astype(np.float32)
    else:
        y = rng.uniform(0, 1, (count, outputs)).astype(np.float32)
    if "encoder" in workload:
        source = rng.integers(0, workload["vocabulary"], (count, steps)).astype(np.int32)
        return [([source[i : i + batch], x[i : i + batch]], y[i : i + batch]) for i in range(0, count, batch)]
    return [(x[i : i + batch], y[i : i + batch]) for i in range(0, count, batch)]


def batches_in_unit(workload):
    return workload["batches"] if workload["unit"] == "epoch" else 1
