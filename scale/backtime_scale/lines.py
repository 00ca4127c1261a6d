"""What the commands print: lines for people, or with `--json` one object a line."""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, TextIO

Event = dict[str, Any]


def camel_case(name: str) -> str:
    """Keras's `val_loss` as `valLoss`, as `npx backtime train --json` names it."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def finite(value: Any) -> Any:
    """The value for JSON: a number that is not finite is None."""
    if isinstance(value, Mapping):
        return {key: finite(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def describe(event: Event) -> str:
    """The event in words."""
    fields = {key: value for key, value in event.items() if key != "event"}
    match event["event"]:
        case "text":
            return str(fields["text"])
        case "epoch":
            numbers = " · ".join(f"{name} {value:.4g}" for name, value in fields.items() if isinstance(value, float))
            return f"epoch {fields['epoch']}/{fields['epochs']} · {numbers}"
        case "error" | "warning":
            return f"{event['event']}: {fields['message']}"
        case name:
            return f"{name}: " + ", ".join(f"{key} {value}" for key, value in fields.items())


class Lines:
    """Prints events on stdout as they come; without `as_json`, warnings and errors go to stderr."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._stdout: TextIO | None = None

    def keep_stdout(self) -> None:
        """Sends what libraries write to stdout to stderr, and keeps stdout for lines."""
        self._stdout = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)

    def __getstate__(self) -> dict[str, Any]:
        """Without the stream: Ray Tune copies callbacks, and what they hold, into its records."""
        return {"as_json": self.as_json, "_stdout": None}

    def __call__(self, name: str, **fields: Any) -> None:
        self.show({"event": name, **fields})

    def show(self, event: Event) -> None:
        stdout = self._stdout or sys.stdout
        if self.as_json:
            print(json.dumps(finite(event), allow_nan=False), file=stdout, flush=True)
        else:
            stream = sys.stderr if event["event"] in ("error", "warning") else stdout
            print(describe(event), file=stream, flush=True)


Tell = Callable[..., None]
"""`tell("epoch", epoch=1, loss=0.5)`: how the parts of a command report what happens."""


class Clock:
    """Seconds since it was made, with one decimal."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def seconds(self) -> float:
        return round(time.monotonic() - self._start, 1)
