"""RNN over cells written for these tests, a peephole LSTM and a layer-normalised LSTM: outputs, states and training steps, by Keras."""

from common import exact, generator, jax, jnp, keras, np, set_exact_weights, tensor, write

L = keras.layers
B, T, D, RATE, STEPS = 3, 4, 3, 0.125, 2
MASK = np.array([[1, 1, 0, 0], [0, 1, 0, 1], [1, 1, 1, 1]], dtype=bool)


@keras.saving.register_keras_serializable()
class PeepholeLSTMCell(L.Layer):
    """Gers & Schmidhuber 2000: gates also see the state c, by a weight for each unit."""

    def __init__(self, units, **options):
        super().__init__(**options)
        self.units = units
        self.state_size = [units, units]
        self.output_size = units

    def get_config(self):
        return {**super().get_config(), "units": self.units}

    def build(self, shape):
        add = self.add_weight
        self.peepholes = [add(shape=(self.units,), name=f"peephole_{gate}") for gate in "ifo"]
        self.inputs = [(add(shape=(shape[-1], self.units), name=f"k{n}"), add(shape=(self.units,), name=f"b{n}")) for n in range(4)]
        self.recurrent = [add(shape=(self.units, self.units), name=f"r{n}") for n in range(4)]

    def call(self, x, states, training=None):
        h, c = states
        sums = [keras.ops.matmul(x, kernel) + bias + keras.ops.matmul(h, recurrent) for (kernel, bias), recurrent in zip(self.inputs, self.recurrent)]
        sigmoid = keras.ops.sigmoid
        i = sigmoid(sums[0] + self.peepholes[0] * c)
        f = sigmoid(sums[1] + self.peepholes[1] * c)
        c = f * c + i * jnp.tanh(sums[2])
        o = sigmoid(sums[3] + self.peepholes[2] * c)
        h = o * jnp.tanh(c)
        return h, [h, c]


@keras.saving.register_keras_serializable()
class NormalizedLSTMCell(L.Layer):
    """Ba, Kiros & Hinton 2016: each gate's sum and the state c are normalised over the units."""

    def __init__(self, units, epsilon=1e-3, **options):
        super().__init__(**options)
        self.units = units
        self.epsilon = epsilon
        self.state_size = [units, units]
        self.output_size = units

    def get_config(self):
        return {**super().get_config(), "units": self.units}

    def build(self, shape):
        add = self.add_weight
        names = ["input", "forget", "candidate", "output"]
        self.kernels = [add(shape=(shape[-1], self.units), name=f"{name}_kernel") for name in names]
        self.recurrent = [add(shape=(self.units, self.units), name=f"{name}_recurrent") for name in names]
        self.norms = [(add(shape=(self.units,), name=f"{name}_gamma"), add(shape=(self.units,), name=f"{name}_beta")) for name in [*names, "state"]]

    def normal(self, index, x):
        gamma, beta = self.norms[index]
        centered = x - x.mean(-1, keepdims=True)
        return centered / jnp.sqrt((centered**2).mean(-1, keepdims=True) + self.epsilon) * gamma + beta

    def call(self, x, states, training=None):
        h, c = states
        i, f, g, o = [self.normal(n, keras.ops.matmul(x, k) + keras.ops.matmul(h, r)) for n, (k, r) in enumerate(zip(self.kernels, self.recurrent))]
        sigmoid = keras.ops.sigmoid
        c = sigmoid(f) * c + sigmoid(i) * jnp.tanh(g)
        h = sigmoid(o) * jnp.tanh(self.normal(4, c))
        return h, [h, c]


class SumCell(L.Layer):
    """An output that is no state, and states that are earlier ones: no weights."""

    state_size = [2, 2, 2]
    output_size = 4

    def call(self, x, states, training=None):
        last, older, oldest = states
        after = 0.5 * last + x[:, :1]
        return jnp.concatenate([after, oldest], -1), [after, last, older]


CELLS = {"PeepholeLSTMCell": PeepholeLSTMCell, "NormalizedLSTMCell": NormalizedLSTMCell, "SumCell": SumCell}
GRU = {"GRUCell": L.GRUCell}
P, N = ("PeepholeLSTMCell", 2), ("NormalizedLSTMCell", 3)
SNAKE = {"returnSequences": "return_sequences", "returnState": "return_state", "goBackwards": "go_backwards", "zeroOutputForMask": "zero_output_for_mask"}

# name: cells with their units, options of RNN, mask, initial states, whether inside Bidirectional
CASES = {
    "peephole": ([P], {}, False, False, False),
    "peephole, sequences and states": ([P], {"returnSequences": True, "returnState": True}, False, True, False),
    "peephole with a mask": ([P], {"returnSequences": True, "returnState": True}, True, False, False),
    "peephole with a mask, zeros": ([P], {"returnSequences": True, "zeroOutputForMask": True}, True, True, False),
    "peephole backwards with a mask": ([P], {"goBackwards": True, "returnSequences": True}, True, False, False),
    "normalised": ([N], {"returnState": True}, False, True, False),
    "normalised with a mask": ([N], {"returnSequences": True}, True, True, False),
    "both and a GRUCell": ([P, ("GRUCell", 3), N], {"returnSequences": True, "returnState": True}, False, True, False),
    "both with a mask": ([N, P], {"returnSequences": True}, True, False, False),
    "both backwards with a mask": ([N, P], {"goBackwards": True}, True, True, False),
    "bidirectional with a mask": ([P], {"returnSequences": True}, True, False, True),
    "bidirectional": ([N, P], {}, False, False, True),
    "an output that is no state": ([("SumCell", None)], {"returnSequences": True, "returnState": True}, False, True, False),
}


def case(rng, name, cells, options, masked, initial, both):
    made = [{**CELLS, **GRU}[kind](*([] if units is None else [units])) for kind, units in cells]
    rnn = L.RNN(made if len(made) > 1 else made[0], **{SNAKE[key]: value for key, value in options.items()})
    layer = L.Bidirectional(rnn) if both else rnn
    layer.build((B, T, D))
    set_exact_weights(layer, rng)
    x = exact(rng, B, T, D)
    sizes = [[each] if isinstance(each, int) else list(each) for each in (cell.state_size for cell in made)]
    states = [[exact(rng, B, size) for size in each] for each in sizes]
    given = None
    if initial:
        nested = [each if len(each) > 1 else each[0] for each in states]
        given = nested if len(cells) > 1 else nested[0]
    arguments = {"mask": MASK if masked else None, **({"initial_state": given} if initial else {})}
    run = lambda values: keras.tree.flatten(layer.stateless_call(values, [v.value for v in layer.non_trainable_variables], x, **arguments)[0])  # noqa: E731
    first = [tensor(weight) for weight in layer.get_weights()]
    values = [variable.value for variable in layer.trainable_variables]
    outputs = run(values)
    y = [exact(rng, *each.shape) for each in outputs]

    def loss_of(values):
        total = 0
        for output, target in zip(run(values), y):
            squares = ((output - target) ** 2).mean(-1)
            counted = MASK if masked and output.ndim == 3 else np.ones(squares.shape)
            total += (squares * counted).sum() / counted.sum()
        return total

    losses = []
    for _ in range(STEPS if values else 0):
        loss, gradients = jax.value_and_grad(loss_of)(values)
        losses.append(float(loss))
        values = [value - RATE * gradient for value, gradient in zip(values, gradients)]
    return {
        "name": name,
        "cells": [{"className": kind, "units": units} for kind, units in cells],
        "options": options,
        "bidirectional": both,
        "x": tensor(x),
        "y": [tensor(each) for each in y],
        "mask": tensor(MASK) if masked else None,
        "initialState": [tensor(state) for each in states for state in each] if initial else [],
        "weights": first,
        "outputs": [tensor(np.asarray(each)) for each in outputs],
        "losses": losses,
        "trained": [tensor(np.asarray(value)) for value in values],
    }


def stateful_case(rng):
    """Batches that go on from the states of the one before. Unrolled, as on TensorFlow, a masked output is the one of the step before, which no batch has from another."""
    layer = L.RNN(SumCell(), return_sequences=True, stateful=True, unroll=True)
    layer.build((B, T, D))
    x = [exact(rng, B, T, D) for _ in range(3)]
    return {
        "x": [tensor(each) for each in x],
        "mask": tensor(MASK),
        "outputs": [tensor(np.asarray(layer(each, mask=MASK))) for each in x],
    }


def main():
    rng = generator("ownCells")
    cases = [case(rng, name, *given) for name, given in CASES.items()]
    write("ownCells", {"cases": cases, "stateful": [stateful_case(rng)]})
