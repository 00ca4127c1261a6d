"""The Ray cluster that a command runs on."""

from __future__ import annotations

import os
from typing import Any

from .errors import ScaleError, missing_package

STARTS = 3
"""How often a cluster is tried to be started on this machine. Ray gives its processes 30 seconds,
which they can need for their first files on a busy machine."""


def connect(address: str | None, *, workers: int | None = None, backend: str | None = None) -> Any:
    """Ray, connected to the cluster at `address`, or to one that is started on this machine.

    On this machine it gets as many CPUs as there are workers, if there are fewer.

    Raises ScaleError when Ray is not installed, or there is no cluster at the address.
    """
    # Ray reports how it is used over the network unless it is told not to.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise missing_package("ray", "ray") from error
    variables = {"KERAS_BACKEND": backend} if backend else {}
    cpus = None if address or workers is None else max(workers, os.cpu_count() or 1)
    for left in reversed(range(1 if address else STARTS)):
        try:
            ray.init(address=address, num_cpus=cpus, include_dashboard=False, log_to_driver=False, logging_level="ERROR", runtime_env={"env_vars": variables})
            break
        # Ray raises a plain Exception when its processes do not start in time.
        except Exception as error:
            ray.shutdown()
            if address:
                raise ScaleError("WORKER", f"No Ray cluster answers at --address {address}: start one by `ray start --head`. {error}") from error
            if left == 0:
                raise ScaleError("WORKER", f"Ray does not start on this machine: end programs that keep its cores busy, and try again. {error}") from error
    return ray
