"""Files of models and checkpoints, each written as a whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import warnings
import zipfile
from pathlib import Path
from typing import Any

from .errors import ScaleError, missing_package

NAME = re.compile(r"epoch-\d{6,}")
"""The folder of a checkpoint, by its number of epochs."""
KEPT = 2
"""How many checkpoints are kept: the last, and the one before."""


def load_model(path: Path) -> Any:
    """A compiled Keras model from a `.keras` file.

    Raises ScaleError when the file is missing, is none, has code that Keras does not know, was not
    compiled or has no input shape.
    """
    import keras

    if not path.is_file():
        raise ScaleError("MODEL", f"{path} does not exist: write it by Backtime's model.save('{path.name}'), or by Keras.")
    if not zipfile.is_zipfile(path):
        raise ScaleError("MODEL", f"{path} is not a .keras file: write it by Backtime's model.save('{path.stem}.keras').")
    try:
        with warnings.catch_warnings():
            # Of a model that was never trained: its optimizer has only a step and a learning rate.
            warnings.filterwarnings("ignore", "Skipping variable loading for optimizer .* saved optimizer has 2 variables")
            model = keras.saving.load_model(path)
    except (ValueError, TypeError, KeyError, ImportError, OSError, AttributeError) as error:
        if "requires TensorFlow" in str(error):
            raise missing_package("tensorflow, which layers of texts need,", "texts") from error
        raise ScaleError("MODEL", f"Keras cannot load {path}: {error}. Layers, losses and metrics must be those of Keras; those of your own and Backtime's CRF exist in Backtime only.") from error
    if not getattr(model, "inputs", None):
        raise ScaleError("MODEL", f"The model of {path} has no input shape: begin it with Input, or call it once before it is saved.")
    return model


def save_model(model: Any, path: Path) -> None:
    """Writes a `.keras` file beside `path` and puts it in its place when it is complete."""
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.keras")
    try:
        _write(model, temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _write(model: Any, path: Path) -> None:
    import keras

    # Keras makes variables while it saves. In a distribution JAX compares each new variable with
    # those of the other processes, which do not save.
    distribution = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    compile_config = model.get_compile_config
    model.get_compile_config = lambda: _without_backend(compile_config())
    try:
        model.save(path)
    finally:
        del model.get_compile_config
        keras.distribution.set_distribution(distribution)
    _flush(path)


def _without_backend(config: dict[str, Any]) -> dict[str, Any]:
    """What a model was compiled with, for every backend: on PyTorch, Keras names classes that only load there."""
    optimizer = config.get("optimizer")
    if isinstance(optimizer, dict) and str(optimizer.get("module")).startswith("keras.src.backend."):
        config = {**config, "optimizer": {**optimizer, "module": "keras.optimizers", "registered_name": None}}
    return config


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Checkpoints:
    """A folder of checkpoints: `epoch-000003` holds the model after three epochs and `run.json`.

    `run` says what the run depends on: model, data, seed, size of batches. A checkpoint of
    another run is an error and is never overwritten.
    """

    def __init__(self, folder: Path, run: dict[str, Any]) -> None:
        self.folder = folder
        self._run = run

    def _all(self) -> list[Path]:
        folders = self.folder.iterdir() if self.folder.is_dir() else []
        return sorted((entry for entry in folders if NAME.fullmatch(entry.name)), key=lambda entry: int(entry.name[len("epoch-") :]))

    def last(self) -> tuple[Path, int] | None:
        """The model of the last checkpoint and its number of epochs.

        Raises ScaleError when it is of another run.
        """
        folders = self._all()
        if not folders:
            return None
        try:
            state = json.loads((folders[-1] / "run.json").read_text())
            run, epoch = state["run"], int(state["epoch"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ScaleError("CHECKPOINT", f"{folders[-1]} is not a checkpoint ({error}). Delete {self.folder}, or begin again by --restart.") from error
        other = [name for name, value in self._run.items() if run.get(name) != value]
        if other:
            raise ScaleError(
                "CHECKPOINT",
                f"{self.folder} has a checkpoint of another run: its {other[0]} is {run.get(other[0])}, now {self._run[other[0]]}. "
                "Use the same flags and model to go on, --restart to delete it and begin again, or another --out.",
            )
        return folders[-1] / "model.keras", epoch

    def save(self, model: Any, epoch: int) -> None:
        """Adds a checkpoint, and deletes those before the last two."""
        temporary = self.folder / f".epoch-{epoch:06d}.{os.getpid()}"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        _write(model, temporary / "model.keras")
        (temporary / "run.json").write_text(json.dumps({"run": self._run, "epoch": epoch}))
        _flush(temporary / "run.json")
        os.replace(temporary, self.folder / f"epoch-{epoch:06d}")
        for old in self._all()[:-KEPT]:
            shutil.rmtree(old)

    def delete(self) -> None:
        """Deletes the checkpoints, whole and half-written ones, and the folder if nothing else is in it."""
        for entry in [*self._all(), *self.folder.glob(".epoch-*")]:
            shutil.rmtree(entry, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.folder.rmdir()
