"""Starts the processes of a training on one machine, and starts them again when one is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from .errors import ScaleError
from .lines import Tell

POLL_SECONDS = 0.1
LOG_CHARACTERS = 2000
USER_ERROR = 1
"""The exit code of a worker that said what is wrong; it would say so again."""


def end_with_launcher() -> None:
    """In a worker: ends this process when the launcher, which holds the other end of stdin, is gone."""

    def wait() -> None:
        while os.read(0, 4096):
            pass
        os._exit(USER_ERROR)

    threading.Thread(target=wait, daemon=True).start()


def launch(arguments: Sequence[str], workers: int, restarts: int, tell: Tell) -> None:
    """Runs `python -m backtime_scale` with the arguments once for each worker, until all end well.

    When a worker is killed or breaks off, the others cannot go on: they are ended, and all begin
    again from the last checkpoint, at most `restarts` times.

    Raises ScaleError when a worker breaks off once more, or reports an error of the user.
    """
    for attempt in range(restarts + 1):
        with tempfile.TemporaryDirectory(prefix="backtime-scale-") as logs:
            failed = _run_once(arguments, workers, Path(logs), tell)
            if failed is None:
                return
            worker, code = failed
            if code == USER_ERROR:
                # The first worker has printed its error; those of the others are in their logs.
                raise SystemExit(USER_ERROR) if worker == 0 else ScaleError("WORKER", _log(Path(logs), worker))
            how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
            if attempt == restarts:
                raise ScaleError("WORKER", f"Worker {worker} {how}, after {restarts} restarts. The last checkpoint is kept. Its last lines:\n{_log(Path(logs), worker)}")
            tell("restart", worker=worker, how=how, restart=attempt + 1, of=restarts)


def _log(folder: Path, worker: int) -> str:
    return (folder / f"worker-{worker}.log").read_text(errors="replace")[-LOG_CHARACTERS:].strip()


def _run_once(arguments: Sequence[str], workers: int, logs: Path, tell: Tell) -> tuple[int, int] | None:
    """One attempt. Returns the worker that failed first and its exit code, or None."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    processes: list[subprocess.Popen[bytes]] = []

    def end_all(number: int, _: FrameType | None) -> None:
        for process in processes:
            process.kill()
        raise SystemExit(128 + number)

    previous = {number: signal.signal(number, end_all) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        for worker in range(workers):
            command = [sys.executable, "-m", "backtime_scale", *arguments, "--coordinator", f"127.0.0.1:{port}", "--process", str(worker), "--launched"]
            with (logs / f"worker-{worker}.log").open("wb") as log:
                # The first worker prints for all. What libraries write to stderr goes to the logs.
                stdout = None if worker == 0 else log
                processes.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=stdout, stderr=log))
        tell("workers", processes=[process.pid for process in processes])
        while True:
            codes = [process.poll() for process in processes]
            for worker, code in enumerate(codes):
                if code:
                    return worker, code
            if all(code == 0 for code in codes):
                return None
            time.sleep(POLL_SECONDS)
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()
            if process.stdin:
                process.stdin.close()
        for number, handler in previous.items():
            signal.signal(number, handler)
