"""The engine `ray`: Ray Train starts the workers, each of which runs Keras on PyTorch."""

from __future__ import annotations

import os
import shutil
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .cluster import connect
from .errors import ScaleError, missing_package
from .lines import Event, Lines
from .training import TrainOptions, train_worker

if TYPE_CHECKING:
    import torch

POLL_SECONDS = 0.2


class Board:
    """An actor of Ray, to which the workers send their events and the first error of the user."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._error: tuple[str, str] | None = None

    def show(self, event: Event) -> None:
        self._events.append(event)

    def fail(self, code: str, message: str) -> None:
        self._error = self._error or (code, message)

    def error(self) -> tuple[str, str] | None:
        return self._error

    def take(self) -> list[Event]:
        """The events since the last call."""
        events, self._events = self._events, []
        return events


class RayEngine:
    """Sums gradients over the process group that Ray Train has made."""

    def __init__(self) -> None:
        import torch.distributed as group

        self.worker: int = group.get_rank()
        self.workers: int = group.get_world_size()
        self.devices = self.workers

    def prepare(self, model: Any) -> None:
        """Has the optimizer apply the mean of all workers' gradients; each draws dropout of its own."""
        # PyTorch would compile each step of a recurrent layer, for minutes.
        model.jit_compile = False
        apply = model.optimizer.apply

        def apply_means(gradients: list[Any], variables: Any = None) -> Any:
            return apply(self._means(gradients), variables)

        model.optimizer.apply = apply_means
        for variable in model.non_trainable_variables:
            if variable.path.endswith("seed_generator_state"):
                variable.assign(variable + self.worker)

    def settle(self, model: Any) -> None:
        """Means of what layers count for themselves, such as the moments of BatchNormalization."""
        import torch

        states = [variable for variable in model.non_trainable_variables if str(variable.dtype).startswith("float")]
        with torch.no_grad():
            for variable, value in zip(states, self._means([variable.value.detach().clone() for variable in states]), strict=True):
                variable.assign(value)

    def mean(self, logs: dict[str, float]) -> dict[str, float]:
        import torch
        from ray.train.torch import get_device

        [means] = self._means([torch.tensor([logs[name] for name in sorted(logs)], dtype=torch.float64, device=get_device())])
        return dict(zip(sorted(logs), means.tolist(), strict=True))

    def _means(self, tensors: list[torch.Tensor]) -> list[torch.Tensor]:
        """The means over all workers, in one exchange."""
        import torch
        import torch.distributed as group

        if not tensors:
            return []
        flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
        group.all_reduce(flat)
        flat /= self.workers
        parts = torch.split(flat, [tensor.numel() for tensor in tensors])
        return [part.view_as(tensor) for part, tensor in zip(parts, tensors, strict=True)]


def work(config: dict[str, Any]) -> None:
    """What each worker runs."""
    import keras
    import ray
    import torch.distributed as group

    board = config["board"]
    if ray.get(board.error.remote()):
        # Ray starts the workers again after any error; one of the user would only come again.
        return
    options = TrainOptions(**config["options"])
    keras.utils.set_random_seed(options.seed)
    engine = RayEngine()
    processes: list[Any] = [None] * engine.workers
    group.all_gather_object(processes, os.getpid())

    def tell(name: str, **fields: Any) -> None:
        if engine.worker == 0:
            ray.get(board.show.remote({"event": name, **fields}))

    tell("workers", processes=processes)
    try:
        train_worker(options, engine, tell, supervised=True)
    except ScaleError as error:
        ray.get(board.fail.remote(error.code, error.message))
        raise


def train_on_ray(options: TrainOptions, address: str | None, tell: Lines) -> None:
    """Trains with `options.workers` workers of a Ray cluster; Ray starts them again when one is killed.

    Raises ScaleError for what is wrong with model, data or options, and when workers break off
    after all restarts.
    """
    ray = connect(address, workers=options.workers, backend="torch")
    try:
        import torch  # noqa: F401
        from ray.train import FailureConfig, RunConfig, ScalingConfig
        from ray.train.torch import TorchTrainer
    except ImportError as error:
        raise missing_package(error.name or "torch", "torch,ray") from error
    board = ray.remote(Board).options(num_cpus=0).remote()
    done = threading.Event()

    def show() -> None:
        while True:
            last = done.wait(POLL_SECONDS)
            for event in ray.get(board.take.remote()):
                tell.show(event)
            if last:
                return

    shower = threading.Thread(target=show, daemon=True)
    shower.start()
    storage = f"{options.checkpoints}.ray"
    trainer = TorchTrainer(
        work,
        train_loop_config={"options": asdict(options), "board": board},
        scaling_config=ScalingConfig(num_workers=options.workers, use_gpu=ray.cluster_resources().get("GPU", 0) >= options.workers),
        run_config=RunConfig(storage_path=storage, failure_config=FailureConfig(max_failures=options.restarts)),
    )
    broken: Exception | None = None
    try:
        trainer.fit()
    except Exception as error:
        broken = error
    finally:
        done.set()
        shower.join()
        shutil.rmtree(storage, ignore_errors=True)
    if failed := ray.get(board.error.remote()):
        raise ScaleError(*failed)
    if broken is not None:
        raise ScaleError("WORKER", f"Ray Train ended after {options.restarts} restarts; the last checkpoint is kept. {broken}") from broken
