"""What every golden module needs: Keras in float64 on JAX, exact random inputs, and the JSON form of arrays.

Import this module before keras: it sets the environment that Keras and JAX read at import.
"""

import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402

from keras.src.backend.common import dtypes  # noqa: E402

keras.backend.set_floatx("float64")
# On JAX Keras narrows every promoted float64 to float32 (tanh, mean and others), which would leave 7 digits; on
# TensorFlow it does not. The same table entry as on TensorFlow makes all of its operations run in float64.
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"

SEED = 20240817
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "test" / "golden"


def generator(name):
    """A random generator of its own for each file, so that a new case in one file leaves the others as they are."""
    return np.random.default_rng([SEED, *name.encode()])


def exact(rng, *shape, scale=1.0, step=128):
    """Normal numbers rounded to multiples of 1/step: exact in float32 too, and short in JSON."""
    return np.round(rng.normal(size=shape) * scale * step) / step


def tensor(array):
    """A shape and the values in row-major order; floats with all digits of float64."""
    array = np.asarray(array)
    if array.dtype == bool:
        array = array.astype("int32")
    return {"shape": list(array.shape), "data": array.reshape(-1).tolist()}


def named_weights(layer):
    """The weights of a layer in Keras' order, by the names of the TypeScript API."""
    return {camel(variable.path.split("/")[-1]): tensor(variable) for variable in layer.trainable_variables}


def camel(name):
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def camel_keys(options):
    return {camel(key): value for key, value in options.items()}


def set_exact_weights(layer, rng, scale=0.5):
    """Replaces every weight, biases too, by exact random numbers: zeros would hide errors."""
    layer.set_weights([exact(rng, *weight.shape, scale=scale) for weight in layer.get_weights()])


def write(name, content):
    header = {
        "generator": f"scripts/golden/{name.replace('-', '_')}.py",
        "kerasVersion": keras.__version__,
        "jaxVersion": jax.__version__,
        "floatx": keras.backend.floatx(),
        "seed": SEED,
    }
    path = OUTPUT / f"{name}.json"
    # One line a case keeps the file compact and its history readable.
    parts = [f'"header":{compact(header)}']
    for key, cases in content.items():
        parts.append(f'"{key}":[\n' + ",\n".join(compact(case) for case in cases) + "\n]")
    path.write_text("{" + ",\n".join(parts) + "}\n")
    print(f"{path.relative_to(OUTPUT.parents[1])}: {sum(map(len, content.values()))} cases, {path.stat().st_size} bytes")


def compact(value):
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


__all__ = ["SEED", "camel", "camel_keys", "exact", "generator", "jax", "jnp", "keras", "named_weights", "np", "set_exact_weights", "tensor", "write"]
