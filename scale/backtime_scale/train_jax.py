"""The engine `jax`: Keras on JAX, with `keras.distribution.DataParallel` over all devices."""

from __future__ import annotations

import os
from typing import Any

from .errors import ScaleError, missing_package
from .lines import Tell
from .training import TrainOptions, train_worker


class JaxEngine:
    """A step of JAX runs over the devices of all processes, and its means are over the whole batch."""

    def __init__(self, worker: int, workers: int, devices: int) -> None:
        self.worker, self.workers, self.devices = worker, workers, devices

    def prepare(self, model: Any) -> None:
        """Nothing to do: variables and batches have their places by the distribution."""

    def settle(self, model: Any) -> None:
        """Nothing to do: every variable has one value."""

    def mean(self, logs: dict[str, float]) -> dict[str, float]:
        return logs


def train_process(options: TrainOptions, tell: Tell, *, coordinator: str | None, process: int | None, supervised: bool) -> None:
    """Trains as one process of `options.workers`; only the first one tells.

    `coordinator` is `host:port` of the first process, or `auto` where JAX finds out by itself:
    Slurm, Open MPI, Kubernetes, TPU pods.
    """
    os.environ["KERAS_BACKEND"] = "jax"
    try:
        import jax
        import keras
    except ImportError as error:
        raise missing_package(error.name or "keras", "jax") from error
    keras.utils.set_random_seed(options.seed)
    if coordinator == "auto":
        jax.distributed.initialize()
    elif coordinator is not None:
        keras.distribution.initialize(coordinator, options.workers, process)
    if jax.process_count() != options.workers:
        raise ScaleError("OPTION", f"--workers is {options.workers}, but JAX found {jax.process_count()} processes: start as many, or give --coordinator.")
    devices = jax.device_count()
    if devices > 1:
        keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))
    engine = JaxEngine(jax.process_index(), jax.process_count(), devices)
    train_worker(options, engine, tell if engine.worker == 0 else _silent, supervised=supervised)


def _silent(_: str, **__: Any) -> None:
    """Workers after the first print nothing."""
