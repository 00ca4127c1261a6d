"""Elementwise activations and their derivatives."""

from common import camel, exact, generator, jax, keras, np, tensor, write

A = keras.activations
NAMES = [
    "celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "leaky_relu",
    "log_sigmoid", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softplus", "softsign", "sparse_plus",
    "sparse_sigmoid", "squareplus", "swish", "tanh", "tanh_shrink",
]  # fmt: skip


def case(name, function, x):
    return {
        "name": name,
        "x": tensor(x),
        "y": tensor(function(x)),
        "gradient": tensor(jax.vmap(jax.grad(function))(x.reshape(-1))),
    }


def row_case(name, function, x, d_y):
    y, vjp = jax.vjp(function, x)
    return {"name": name, "x": tensor(x), "y": tensor(y), "dY": tensor(d_y), "gradient": tensor(vjp(d_y)[0])}


def main():
    rng = generator("activations")
    # No input lies on a corner of a function. Large inputs must not overflow.
    x = np.concatenate([exact(rng, 4, 6, scale=2) + 1 / 1024, np.array([[-60.0, -9.0, -1.75, 1.75, 9.0, 60.0]])])
    functions = [(camel(name), getattr(A, name, None) or A.get(name)) for name in NAMES]
    functions.append(("geluTanh", lambda z: A.gelu(z, approximate=True)))
    small = np.clip(x, -9, 9)
    d_y = jax.numpy.asarray(exact(rng, 5, 6))
    rows = [row_case(camel(name), getattr(A, name), jax.numpy.asarray(x), d_y) for name in ("log_softmax",)]
    cases = [case(name, function, small if name == "exponential" else jax.numpy.asarray(x)) for name, function in functions]
    write("activations", {"cases": cases, "rowCases": rows})
