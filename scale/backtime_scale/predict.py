"""Predictions as batches of Ray Data: each worker holds the model and answers ranges of rows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .batches import choose_fields, only, read_inputs
from .checkpoints import load_model
from .cluster import connect
from .errors import ScaleError, missing_package
from .lines import Clock, Lines
from .sources import DataSet
from .texts import Parts, without_texts

RANGE_BATCHES = 16
"""Batches in a range, which a worker reads at once and writes as one file."""


@dataclass(frozen=True)
class PredictOptions:
    """What `predict` was asked for. Paths are those of every machine."""

    model: str
    data: str
    out: str
    batch_size: int
    workers: int
    features: tuple[str, ...]
    backend: str


def output_columns(parts: Parts) -> list[str]:
    """The column of each output: `prediction`, of several the names of their layers, of a dict its keys.

    Raises ScaleError when a column would replace another.
    """
    # Keras's Sequential has one output.
    outputs = getattr(parts.model, "_outputs_struct", None)
    names = list(outputs) if isinstance(outputs, dict) else parts.output_names if len(parts.output_names) > 1 else ["prediction"]
    if len({"row", *names}) == len(names) + 1:
        return names
    raise ScaleError("MODEL", f"The results have a column row and one for each output, but the outputs of the model are called {names}: give them names that differ from row and from each other.")


class Predictor:
    """A worker of Ray Data: loads the model once, then answers ranges of rows."""

    def __init__(self, options: PredictOptions) -> None:
        self._options = options
        self._parts = without_texts(load_model(Path(options.model)))
        self._data = DataSet(options.data)
        self._fields = choose_fields(self._data, self._parts, options.features, (), None, needs_targets=False)
        self._names = output_columns(self._parts)

    def __call__(self, ranges: dict[str, Any]) -> dict[str, Any]:
        """`start` and `stop` of one range; returns a column `row` from 0 and one for each output."""
        import numpy as np

        [start], [stop] = ranges["start"], ranges["stop"]
        inputs = {entry.name: entry for entry in self._parts.inputs}
        columns = self._data.read(self._fields.names, int(start), int(stop), self._fields.texts)
        x = read_inputs(columns, self._fields, inputs, self._parts.prepare)
        predicted = self._parts.model.predict(only(x), batch_size=self._options.batch_size, verbose=0)
        if not isinstance(predicted, dict):
            predicted = dict(zip(self._names, predicted if isinstance(predicted, list) else [predicted], strict=True))
        return {"row": np.arange(start, stop), **{name: list(predicted[name]) for name in self._names}}


def predict(options: PredictOptions, address: str | None, tell: Lines) -> None:
    """Writes a folder of Parquet files with `row`, from 0 in the order of the files, and `prediction`.

    Raises ScaleError when the folder holds results already, or model and data do not fit.
    """
    clock = Clock()
    out = Path(options.out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ScaleError("OPTION", f"--out {out} must be a new or an empty folder: results of two runs must not mix.")
    rows = DataSet(options.data).rows
    step = options.batch_size * RANGE_BATCHES
    # Before Keras is loaded: Ray forks this process, which JAX's threads do not survive.
    ray = connect(address, workers=options.workers, backend=options.backend)
    # The checks of a worker, before any is started.
    os.environ["KERAS_BACKEND"] = options.backend
    try:
        Predictor(options)
    except ImportError as error:
        raise missing_package(error.name or "keras", options.backend) from error
    tell("start", rows=rows, workers=options.workers)
    try:
        from ray import data as ray_data
    except ImportError as error:
        raise missing_package(error.name or "ray", "ray") from error
    try:
        ray_data.DataContext.get_current().enable_progress_bars = False
        ranges = [{"start": start, "stop": min(start + step, rows)} for start in range(0, rows, step)]
        items = ray_data.from_items(ranges, override_num_blocks=len(ranges))
        answers = items.map_batches(Predictor, fn_constructor_args=(options,), batch_size=1, num_cpus=1, compute=ray_data.ActorPoolStrategy(size=options.workers))
        # The workers may hold every CPU of the cluster, and what writes must not wait for one.
        answers.write_parquet(str(out), ray_remote_args={"num_cpus": 0})
    except ray.exceptions.RayError as error:
        raise ScaleError("WORKER", f"Ray Data broke off; {out} is not complete, delete it. {error}") from error
    tell("result", out=str(out), rows=rows, seconds=clock.seconds())
    ray.shutdown()
