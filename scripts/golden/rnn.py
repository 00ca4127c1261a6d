"""RNN over one and several cells: outputs, final states, masks, initial states, directions, by Keras."""

from common import exact, generator, keras, np, set_exact_weights, tensor, write

L = keras.layers
B, T, D, V = 3, 5, 4, 6
CELLS = {"SimpleRNNCell": L.SimpleRNNCell, "LSTMCell": L.LSTMCell, "GRUCell": L.GRUCell}

# name: cells with their units, options of RNN, mask, initial states
CASES = {
    "one LSTMCell": ([("LSTMCell", 3)], {}, False, False),
    "one GRUCell, sequences and state": ([("GRUCell", 3)], {"returnSequences": True, "returnState": True}, False, False),
    "two cells": ([("LSTMCell", 3), ("GRUCell", 2)], {}, False, False),
    "two cells, sequences and states": ([("SimpleRNNCell", 2), ("LSTMCell", 3)], {"returnSequences": True, "returnState": True}, False, False),
    "three cells with initial states": (
        [("GRUCell", 2), ("LSTMCell", 3), ("SimpleRNNCell", 2)],
        {"returnSequences": True, "returnState": True},
        False,
        True,
    ),
    "two cells with a mask": ([("LSTMCell", 3), ("GRUCell", 2)], {"returnSequences": True, "returnState": True}, True, False),
    "two cells with a mask, zeros": (
        [("LSTMCell", 3), ("GRUCell", 2)],
        {"returnSequences": True, "zeroOutputForMask": True},
        True,
        False,
    ),
    "one cell backwards with a mask": ([("LSTMCell", 3)], {"goBackwards": True}, True, False),
    "two cells backwards": ([("LSTMCell", 2), ("LSTMCell", 3)], {"goBackwards": True, "returnSequences": True}, False, False),
    "two cells backwards with a mask": ([("LSTMCell", 2), ("GRUCell", 3)], {"goBackwards": True, "returnSequences": True}, True, False),
}
SNAKE = {"returnSequences": "return_sequences", "returnState": "return_state", "goBackwards": "go_backwards", "zeroOutputForMask": "zero_output_for_mask"}


def case(rng, name, cells, options, masked, initial):
    made = [CELLS[kind](units) for kind, units in cells]
    layer = L.RNN(made if len(made) > 1 else made[0], **{SNAKE[key]: value for key, value in options.items()})
    x = exact(rng, B, T, D)
    mask = None
    if masked:
        mask = np.ones((B, T), bool)
        mask[0, 3:] = False
        mask[1, :2] = False
        mask[2, 2] = False
    layer.build((B, T, D))
    set_exact_weights(layer, rng)
    states = []
    for kind, units in cells:
        states.append([exact(rng, B, units) for _ in range(2 if kind == "LSTMCell" else 1)])
    given = None
    if initial:
        given = [state if len(state) > 1 else state[0] for state in states] if len(cells) > 1 else states[0]
    outputs = layer(x, mask=mask, initial_state=given)
    flat = [np.asarray(each) for each in keras.tree.flatten(outputs)]
    return {
        "name": name,
        "cells": [{"className": kind, "units": units} for kind, units in cells],
        "options": options,
        "x": tensor(x),
        "mask": None if mask is None else tensor(mask),
        "initialState": [tensor(state) for each in states for state in each] if initial else [],
        "weights": [tensor(weight) for weight in layer.get_weights()],
        "outputs": [tensor(each) for each in flat],
    }


def main():
    rng = generator("rnn")
    write("rnn", {"cases": [case(rng, name, *given) for name, given in CASES.items()]})
