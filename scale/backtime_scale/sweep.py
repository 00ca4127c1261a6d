"""A search over `npx backtime train` by Ray Tune: a Node process a trial."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cluster import connect
from .errors import ScaleError, missing_package
from .lines import Clock, Lines

END_SECONDS = 60
"""How long a trial that is stopped may take to save its best weights."""
OWN_FLAGS = {"model", "json", "quiet"}


@dataclass(frozen=True)
class SweepOptions:
    """What `sweep` was asked for. Paths are those of every machine."""

    data: str
    space: str
    out: str
    trials: int
    epochs: int
    grace_epochs: int
    concurrent: int | None
    cpus: float
    seed: int
    backtime: str


def read_space(path: Path) -> dict[str, Any]:
    """The space of a JSON file: for each flag of `backtime train` a value, a list of values, or a range.

    Raises ScaleError when the file is no such object.
    """
    try:
        space = json.loads(path.read_text())
    except OSError as error:
        raise ScaleError("SPACE", f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ScaleError("SPACE", f"{path} is not JSON: {error}.") from error
    if not isinstance(space, dict) or not space:
        raise ScaleError("SPACE", f'{path} must hold an object of flags, as {{"units": [16, 32], "learning-rate": {{"log": [0.0001, 0.01]}}}}.')
    for name, value in space.items():
        if name in OWN_FLAGS:
            raise ScaleError("SPACE", f"{path} has {name}, which sweep sets itself: leave it out.")
        if isinstance(value, dict):
            kind, ends = next(iter(value.items())) if len(value) == 1 else ("", [])
            if kind not in ("uniform", "log", "int") or not _is_range(ends) or (kind == "log" and ends[0] <= 0):
                raise ScaleError("SPACE", f'{name} of {path} must be {{"uniform": [low, high]}}, {{"log": [low, high]}} or {{"int": [low, high]}} with low < high; it is {json.dumps(value)}.')
        elif isinstance(value, list) and not value:
            raise ScaleError("SPACE", f"{name} of {path} is a list without values.")
    return space


def _is_range(ends: Any) -> bool:
    """Whether this is `[low, high]`."""
    if not isinstance(ends, list) or len(ends) != 2:
        return False
    return all(isinstance(end, int | float) and not isinstance(end, bool) for end in ends) and bool(ends[0] < ends[1])


def _domain(tune: Any, value: Any) -> Any:
    """What Ray Tune draws the value from."""
    if isinstance(value, list):
        return tune.choice(value)
    if isinstance(value, dict):
        [(kind, (low, high))] = value.items()
        return {"uniform": tune.uniform, "log": tune.loguniform, "int": lambda a, b: tune.randint(a, b + 1)}[kind](low, high)
    return value


def flags_of(values: dict[str, Any]) -> list[str]:
    """The flags of a trial: `true` is a flag without a value, `false` none."""
    given: list[str] = []
    for name, value in values.items():
        if value is True:
            given.append(f"--{name}")
        elif value is not False and value is not None:
            given += [f"--{name}", str(value)]
    return given


class TrialProcess:
    """A running `backtime train`: its epochs as they come, and its result."""

    def __init__(self, command: list[str], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._errors = (folder / "stderr.log").open("wb")
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._errors, text=True)
        self.best = float("inf")

    def next_epoch(self) -> dict[str, Any] | None:
        """Waits for the line of an epoch. Returns None after the result.

        Raises RuntimeError with the message of Backtime when training broke off.
        """
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = json.loads(line)
            if event["event"] == "error":
                raise RuntimeError(event["message"])
            if event["event"] == "epoch":
                loss = event.get("valLoss")
                self.best = min(self.best, float("inf") if loss is None else loss)
                return {**event, "valLoss": float("inf") if loss is None else loss, "best": self.best}
            if event["event"] == "result":
                return None
        raise RuntimeError(f"backtime ended with exit code {self._process.wait()} and without a result: see {self._errors.name}")

    def end(self) -> None:
        """Ends training after the batch; Backtime saves the best weights so far."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.communicate(timeout=END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.communicate()
        self._errors.close()


def _trainable(tune: Any) -> Any:
    """The class that Ray Tune runs, made here because Ray loads late."""

    class Trial(tune.Trainable):  # type: ignore[misc]
        def setup(self, config: dict[str, Any]) -> None:
            folder = Path(config["folder"]) / self.trial_id
            command = [*shlex.split(config["backtime"]), "train", config["data"], *flags_of(config["flags"])]
            self._trial = TrialProcess([*command, "--model", str(folder / "model.safetensors"), "--json"], folder)
            self._last: dict[str, Any] = {"valLoss": float("inf"), "best": float("inf"), "epoch": 0}

        def step(self) -> dict[str, Any]:
            epoch = self._trial.next_epoch()
            self._last = epoch or self._last
            return {**self._last, "finished": epoch is None, "done": epoch is None}

        def save_checkpoint(self, checkpoint_dir: str) -> None:
            """Nothing to save: Backtime writes the model of the best epoch itself."""

        def cleanup(self) -> None:
            self._trial.end()

    return Trial


def sweep(options: SweepOptions, address: str | None, tell: Lines) -> None:
    """Runs the trials, stops those early that fall behind, prints a table and keeps the best model.

    Raises ScaleError when the space is wrong, or every trial failed.
    """
    clock = Clock()
    space = read_space(Path(options.space))
    if not Path(options.data).exists():
        raise ScaleError("DATA", f"{options.data} does not exist.")
    if shutil.which(shlex.split(options.backtime)[0]) is None:
        raise ScaleError("PACKAGE", f"There is no program {options.backtime}: install Node and Backtime, or name the command by --backtime.")
    ray = connect(address)
    # Else Ray Tune draws boxes even when it is told to print nothing.
    os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
    try:
        from ray import tune
        from ray.tune.schedulers import ASHAScheduler
    except ImportError as error:
        raise missing_package(error.name or "ray", "ray") from error

    class Progress(tune.Callback):  # type: ignore[misc]
        def on_trial_result(self, iteration: int, trials: Any, trial: Any, result: dict[str, Any], **info: Any) -> None:
            if not result["finished"]:
                tell("trial", trial=trial.trial_id, epoch=result["epoch"], valLoss=result["valLoss"], best=result["best"])

        def on_trial_error(self, iteration: int, trials: Any, trial: Any, **info: Any) -> None:
            tell("warning", message=f"Trial {trial.trial_id} failed: {_last_line(trial.error_file)}")

    folder = Path(options.out)
    flags = {"epochs": options.epochs, "seed": options.seed, **space}
    parameters = {
        "folder": str(folder / "trials"),
        "data": options.data,
        "backtime": options.backtime,
        "flags": {name: _domain(tune, value) for name, value in flags.items()},
    }
    with tempfile.TemporaryDirectory(prefix="backtime-sweep-") as storage:
        results = tune.Tuner(
            tune.with_resources(_trainable(tune), {"cpu": options.cpus}),
            param_space=parameters,
            tune_config=tune.TuneConfig(
                metric="best",
                mode="min",
                num_samples=options.trials,
                scheduler=ASHAScheduler(time_attr="training_iteration", grace_period=options.grace_epochs, max_t=max(options.epochs, options.grace_epochs) + 2),
                search_alg=tune.search.BasicVariantGenerator(random_state=options.seed, max_concurrent=options.concurrent or 0),
            ),
            run_config=tune.RunConfig(storage_path=str(folder / "ray") if address else storage, verbose=0, callbacks=[Progress()], checkpoint_config=tune.CheckpointConfig(checkpoint_frequency=0, checkpoint_at_end=False)),
        ).fit()
    rows = sorted((_row(result, set(space)) for result in results), key=lambda row: row["best"])
    best = rows[0]
    if best["best"] == float("inf"):
        raise ScaleError("WORKER", f"All {len(rows)} trials failed; the first: {best['ended']}")
    model = folder / "best.safetensors"
    shutil.copyfile(folder / "trials" / best["trial"] / "model.safetensors", model)
    if tell.as_json:
        for row in rows:
            tell("row", **row)
    else:
        tell("text", text=as_table(rows))
    tell("result", model=str(model), trial=best["trial"], best=best["best"], flags=best["flags"], seconds=clock.seconds())
    ray.shutdown()


def _last_line(path: str | None) -> str:
    lines = Path(path).read_text().strip().splitlines() if path and Path(path).exists() else []
    return lines[-1] if lines else "no message"


def _row(result: Any, searched: set[str]) -> dict[str, Any]:
    """What the table says of a trial."""
    metrics = result.metrics or {}
    flags = {name: value for name, value in result.config["flags"].items() if name in searched}
    if result.error is not None:
        ended = str(result.error).strip().splitlines()[-1]
    else:
        ended = "finished" if metrics.get("finished") else "stopped early"
    return {"trial": metrics.get("trial_id", "?"), "best": metrics.get("best", float("inf")), "epochs": metrics.get("epoch", 0), "ended": ended, "flags": flags}


def as_table(rows: list[dict[str, Any]]) -> str:
    """The rows for people, with a column for each flag that differs between trials."""
    names = [name for name in rows[0]["flags"] if len({str(row["flags"][name]) for row in rows}) > 1]
    cells = [["best valLoss", "epochs", "ended", *names, "trial"]]
    for row in rows:
        flags = [f"{value:.4g}" if isinstance(value := row["flags"][name], float) else str(value) for name in names]
        cells.append([f"{row['best']:.4f}", str(row["epochs"]), row["ended"], *flags, row["trial"]])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells)
