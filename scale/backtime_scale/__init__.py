"""Training and searches beyond one machine, for models of Backtime.

The engines are Keras 3 on JAX or PyTorch, Ray Train and Ray Tune. This package reads the data,
starts the processes, writes checkpoints and reports; `python -m backtime_scale --help` is its
interface.
"""

__version__ = "0.2.0"
