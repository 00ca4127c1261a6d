"""The Ray cluster that a command runs on."""

from __future__ import annotations

import os
from typing import Any

from .errors import ScaleError, missing_package


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
    try:
        ray.init(address=address, num_cpus=cpus, include_dashboard=False, log_to_driver=False, logging_level="ERROR", runtime_env={"env_vars": variables})
    # Ray raises a plain Exception when its processes do not start within 30 seconds.
    except Exception as error:
        if address:
            raise ScaleError("WORKER", f"No Ray cluster answers at --address {address}: start one by `ray start --head`. {error}") from error
        raise ScaleError("WORKER", f"Ray does not start on this machine: end programs that keep its cores busy, and try again. {error}") from error
    return ray
