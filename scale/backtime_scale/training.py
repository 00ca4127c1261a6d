"""Training of one worker, whatever engine carries the gradients between the workers."""

from __future__ import annotations

import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from .batches import Batches, choose_fields
from .checkpoints import Checkpoints, digest, load_model, save_model
from .errors import ScaleError
from .lines import Clock, Tell, camel_case
from .sources import DataSet
from .texts import Parts, without_texts


@dataclass(frozen=True)
class TrainOptions:
    """What `train` was asked for. Paths are those of every machine."""

    model: str
    data: str
    out: str
    epochs: int
    batch_size: int
    engine: str
    workers: int
    shards: int
    seed: int
    shuffle: bool
    features: tuple[str, ...]
    target: tuple[str, ...]
    weight: str | None
    validation: str | None
    steps_per_epoch: int | None
    checkpoints: str
    restarts: int

    @property
    def run(self) -> dict[str, Any]:
        """What a checkpoint must agree on: all that changes the weights of an epoch."""
        names = ("data", "batch_size", "shards", "seed", "shuffle", "features", "target", "weight", "steps_per_epoch")
        values = asdict(self)
        run = {name: list(values[name]) if isinstance(values[name], tuple) else values[name] for name in names}
        return {"model": digest(Path(self.model)), **run}


class Engine(Protocol):
    """How the workers of a training work together."""

    worker: int
    workers: int
    devices: int

    def prepare(self, model: Any) -> None:
        """Has the model's training step use the gradients of all workers."""

    def settle(self, model: Any) -> None:
        """Brings the states that workers keep for themselves together, after an epoch."""

    def mean(self, logs: dict[str, float]) -> dict[str, float]:
        """The numbers of an epoch over all workers."""


def check_options(options: TrainOptions) -> None:
    """Refuses, before anything is started, what would fail after hours.

    Raises ScaleError.
    """
    if not Path(options.model).is_file():
        raise ScaleError("MODEL", f"{options.model} does not exist: write it by Backtime's model.save('{Path(options.model).name}'), or by Keras.")
    if Path(options.out).suffix != ".keras":
        raise ScaleError("OPTION", f"--out must end in .keras; it is {options.out}.")
    folder = Path(options.out).resolve().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise ScaleError("OPTION", f"--out is in {folder}, which is no folder that can be written to: make it first.")
    if options.shards % options.workers:
        raise ScaleError("OPTION", f"--shards must be a multiple of the {options.workers} workers; it is {options.shards}.")
    if options.batch_size % options.shards:
        raise ScaleError("OPTION", f"--batch-size, of all workers together, must be a multiple of the {options.shards} shards; it is {options.batch_size}.")
    Checkpoints(Path(options.checkpoints), options.run).last()


def train_worker(options: TrainOptions, engine: Engine, tell: Tell, *, supervised: bool) -> None:
    """Trains from the last checkpoint, or from the given model, and writes the result.

    `supervised` says that another process starts the workers again when one is killed. It deletes
    the checkpoints when all have ended, so a worker that is killed at its end costs no epoch.

    Raises ScaleError for what is wrong with model, data or options.
    """
    import keras

    clock = Clock()
    checkpoints = Checkpoints(Path(options.checkpoints), options.run)
    path, epoch = checkpoints.last() or (Path(options.model), 0)
    parts = without_texts(load_model(path))
    model = parts.model
    if model.optimizer is None:
        raise ScaleError("MODEL", f"The model of {options.model} was not compiled: call model.compile before it is saved.")
    engine.prepare(model)
    batches = _batches(options, options.data, engine, parts)
    # An epoch is a pass over the data, or as many batches as asked for, which go on where the last
    # epoch ended.
    steps = options.steps_per_epoch or batches.steps
    validation = _batches(options, options.validation, engine, parts, shuffle=False) if options.validation else None

    class Epochs(keras.utils.PyDataset):  # type: ignore[misc]
        """The batches of one epoch after the other."""

        def __init__(self, source: Batches, size: int, first: int) -> None:
            super().__init__()
            self._source, self._size, self.first = source, size, first

        def __len__(self) -> int:
            return self._size

        def __getitem__(self, index: int) -> tuple[Any, ...]:
            return self._source(self.first + index)

    class Report(keras.callbacks.Callback):  # type: ignore[misc]
        """After each epoch: a checkpoint, then a line."""

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            training.first = epoch * steps

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            numbers = engine.mean({name: float(value) for name, value in (logs or {}).items()})
            if not all(math.isfinite(value) for value in numbers.values()):
                raise ScaleError("DIVERGED", f"The loss is not a number after epoch {epoch + 1}: take a smaller learning rate or clip the gradients. {options.out} was not written.")
            engine.settle(self.model)
            if engine.worker == 0:
                checkpoints.save(parts.whole, epoch + 1)
            tell("epoch", epoch=epoch + 1, epochs=options.epochs, **{camel_case(name): value for name, value in numbers.items()}, seconds=clock.seconds())

    training = Epochs(batches, steps, epoch * steps)
    tell("start", engine=options.engine, workers=engine.workers, devices=engine.devices, rows=batches.rows, batchSize=options.batch_size, steps=steps, fromEpoch=epoch)
    if epoch < options.epochs:
        held_out = Epochs(validation, validation.steps, 0) if validation else None
        model.fit(training, epochs=options.epochs, initial_epoch=epoch, shuffle=False, verbose=0, validation_data=held_out, callbacks=[Report()])
    if engine.worker == 0:
        save_model(parts.whole, Path(options.out))
        if not supervised:
            checkpoints.delete()
    tell("result", model=options.out, epochs=options.epochs, seconds=clock.seconds())


def _batches(options: TrainOptions, path: str, engine: Engine, parts: Parts, *, shuffle: bool = True) -> Batches:
    data = DataSet(path)
    fields = choose_fields(data, parts, options.features, options.target, options.weight)
    seed = options.seed if shuffle and options.shuffle else None
    return Batches(
        data,
        fields,
        parts,
        batch_size=options.batch_size,
        shards=options.shards,
        worker=engine.worker,
        workers=engine.workers,
        devices=engine.devices,
        seed=seed,
        prepare=parts.prepare,
    )
