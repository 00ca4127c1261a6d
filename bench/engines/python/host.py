"""One Python engine in a process of its own, which answers lines of JSON as engines/host.mjs does.

    python host.py ENGINE THREADS [--once]

ENGINE is pytorch, keras-jax or keras-tensorflow.
"""

import json
import os
import sys
import time


def open_engine(name, threads):
    """Imports the library with its thread pools limited, and returns its module."""
    if name == "pytorch":
        import pytorch_engine as engine
    else:
        backend = name.removeprefix("keras-")
        os.environ["KERAS_BACKEND"] = backend
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        if backend == "jax":
            # XLA sizes its pool by the processors it may run on.
            os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:threads]))
            import keras_jax_engine as engine
        else:
            import keras_tensorflow_engine as engine
    engine.set_threads(threads)
    return engine


class Host:
    def __init__(self, name, threads):
        self.name, self.threads = name, threads
        self.engine = None
        self.run = None

    def answer(self, request):
        what = request["do"]
        if what == "open":
            self.engine = open_engine(self.name, self.threads)
            return {"versions": {**self.engine.versions(), "Python": sys.version.split()[0]}}
        if what == "close":
            self.run = None
            return {}
        if what == "prepare":
            if request["kind"] == "kernels":
                return {"cannot": "measured for backtime alone"}
            self.run = self.engine.prepare(request["workload"], request["kind"])
            start = time.perf_counter()
            self.run(1)
            return {"ms": (time.perf_counter() - start) * 1000}
        start = time.perf_counter()
        self.run(request["units"])
        return {"ms": (time.perf_counter() - start) * 1000, "units": request["units"]}


def main():
    name, threads, *rest = sys.argv[1:]
    host = Host(name, int(threads))
    for line in sys.stdin:
        try:
            request = json.loads(line)
            if rest:
                host.answer({"do": "open"})
            reply = host.answer(request)
        except Exception as error:  # The bench shows why an engine cannot.
            if "BENCH_STACKS" in os.environ:
                import traceback

                traceback.print_exc()
            reply = {"cannot": f"{type(error).__name__}: {error}".split("\n")[0]}
        print(json.dumps(reply), flush=True)
        if rest:
            break


main()
