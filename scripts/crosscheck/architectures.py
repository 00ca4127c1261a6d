"""Random architectures as plain data: a list of uses of layers, which Keras's classes and configurations describe.

An architecture is {"inputs": [...], "uses": [...], "outputs": [...], "loss": ..., "optimizer": ...}. Inputs are the first values, and
each use adds one value or several. A value has a kind: "ids" of (T,), "steps" of (T, D), or "vector" of (D,).
"""

LIMIT = 7  # ids are below it
STEPS = 5

ACTIVATIONS = ["linear", "tanh", "sigmoid", "relu", "softplus", "softsign", "elu", "gelu", "silu", "hard_sigmoid", "mish", "leaky_relu"]
INITIALIZERS = ["glorot_uniform", "he_normal", "orthogonal", "lecun_uniform", "random_normal"]


class Draft:
    """An architecture that grows; `rng` decides."""

    def __init__(self, rng):
        self.rng = rng
        self.inputs, self.uses = [], []
        self.values = []  # (kind, features)

    def one_of(self, *choices):
        return choices[int(self.rng.integers(len(choices)))]

    def often(self, share):
        return bool(self.rng.random() < share)

    def size(self):
        return int(self.rng.integers(1, 5))

    def add_input(self, kind, features, dtype="float32"):
        self.inputs.append({"kind": kind, "features": features, "dtype": dtype})
        self.values.append((kind, features))
        return len(self.values) - 1

    def use(self, name, config, inputs, outputs, layer=None, **call):
        """Uses a new layer, or the layer of the use with index `layer` again. Returns the indices of the new values."""
        self.uses.append({"class": name, "config": config, "inputs": inputs, "layer": layer, "call": call, "outputs": len(outputs)})
        first = len(self.values)
        self.values.extend(outputs)
        return list(range(first, len(self.values)))

    def of_kind(self, *kinds):
        return [index for index, (kind, _) in enumerate(self.values) if kind in kinds]


def recurrent(draft, name, units, **more):
    """The configuration of a recurrent layer with random options."""
    config = {"units": units, **more}
    if draft.often(0.4):
        config["activation"] = draft.one_of("tanh", "relu", "softsign", "linear")
    if draft.often(0.2):
        config["use_bias"] = False
    if draft.often(0.3):
        config["go_backwards"] = True
    if draft.often(0.2):
        config["kernel_initializer"] = draft.one_of(*INITIALIZERS)
    if draft.often(0.15):
        config["kernel_regularizer"] = {"class_name": "L2", "config": {"l2": 0.01}}
    if name != "SimpleRNN" and draft.often(0.3):
        config["recurrent_activation"] = draft.one_of("sigmoid", "hard_sigmoid", "tanh")
    if name == "GRU" and draft.often(0.4):
        config["reset_after"] = False
    if name == "LSTM" and draft.often(0.2):
        config["unit_forget_bias"] = False
    return config


def use_recurrent(draft, value):
    _, features = draft.values[value]
    name = draft.one_of("SimpleRNN", "LSTM", "GRU")
    units = draft.size()
    sequences = draft.often(0.5)
    kind = draft.one_of("plain", "plain", "state", "bidirectional", "cells", "initial")
    out = ("steps" if sequences else "vector", units)
    config = recurrent(draft, name, units, return_sequences=sequences)
    states = [("vector", units)] * (2 if name == "LSTM" else 1)
    if kind == "state":
        return draft.use(name, {**config, "return_state": True}, [value], [out, *states])
    if kind == "bidirectional":
        mode = draft.one_of("concat", "sum", "mul", "ave")
        config.pop("go_backwards", None)
        width = units * 2 if mode == "concat" else units
        return draft.use("Bidirectional", {"layer": {"class": name, "config": config}, "merge_mode": mode}, [value], [(out[0], width)])
    if kind == "cells":
        cells = []
        for _ in range(draft.one_of(1, 2)):
            inner = {**recurrent(draft, name, units)}
            inner.pop("go_backwards", None)
            cells.append({"class": name + "Cell", "config": inner})
        return draft.use("RNN", {"cells": cells, "return_sequences": sequences}, [value], [out])
    if kind == "initial":
        vectors = draft.of_kind("vector")
        if vectors:
            given = [draft.use("Dense", {"units": units}, [draft.one_of(*vectors)], [("vector", units)])[0] for _ in states]
            return draft.use(name, config, [value], [out], initial_state=given)
    return draft.use(name, config, [value], [out])


def use_simple(draft, value):
    """A layer of one input that keeps the kind."""
    kind, features = draft.values[value]
    shape = (kind, features)
    choices = ["Dense", "Activation", "LayerNormalization", "BatchNormalization", "LeakyReLU", "PReLU", "ELU", "Dropout"]
    if kind == "vector":
        choices += ["Softmax"]  # of masked sequences Keras refuses it
    if kind == "steps":
        choices += ["TimeDistributed", "SpatialDropout1D", "Masking", "UnitNormalization", "RMSNormalization"]
    name = draft.one_of(*choices)
    units = draft.size()
    if name == "Dense":
        config = {"units": units, "activation": draft.one_of(*ACTIVATIONS), "use_bias": draft.often(0.8)}
        if draft.often(0.1):
            config["kernel_constraint"] = {"class_name": "MaxNorm", "config": {"max_value": 1.0, "axis": 0}}
        return draft.use(name, config, [value], [(kind, units)])
    if name == "TimeDistributed":
        inner = {"class": "Dense", "config": {"units": units, "activation": draft.one_of(*ACTIVATIONS)}}
        return draft.use(name, {"layer": inner}, [value], [(kind, units)])
    config = {
        "Activation": lambda: {"activation": draft.one_of(*ACTIVATIONS)},
        "LayerNormalization": lambda: {"epsilon": 0.001, "center": draft.often(0.7), "scale": draft.often(0.7)},
        "BatchNormalization": lambda: {"momentum": 0.9, "center": draft.often(0.7), "scale": draft.often(0.7)},
        "LeakyReLU": lambda: {"negative_slope": 0.2},
        "PReLU": lambda: {"shared_axes": [1]} if kind == "steps" else {},
        "ELU": lambda: {"alpha": 0.5},
        "Dropout": lambda: {"rate": 0.0},
        "SpatialDropout1D": lambda: {"rate": 0.0},
        "Masking": lambda: {"mask_value": 0.0},
    }.get(name, dict)()
    return draft.use(name, config, [value], [shape])


def use_steps(draft, value):
    """A layer that changes the axis of the steps: only at the free end, so that lengths of other branches fit."""
    _, features = draft.values[value]
    name = draft.one_of("GlobalAveragePooling1D", "GlobalMaxPooling1D", "Flatten", "Conv1D")
    if name == "Conv1D":
        filters = draft.size()
        config = {"filters": filters, "kernel_size": draft.one_of(1, 2, 3), "padding": draft.one_of("same", "causal"), "activation": draft.one_of(*ACTIVATIONS)}
        if draft.often(0.3):
            config["dilation_rate"] = 2
        return draft.use(name, config, [value], [("steps", filters)])
    width = features * STEPS if name == "Flatten" else features
    return draft.use(name, {}, [value], [("vector", width)])


def use_merge(draft, value):
    kind, features = draft.values[value]
    like = [index for index, each in enumerate(draft.values) if each == (kind, features) and index != value]
    if not like or draft.often(0.3):
        other = draft.use("Dense", {"units": features}, [draft.one_of(*draft.of_kind(kind))], [(kind, features)])[0]
    else:
        other = draft.one_of(*like)
    name = draft.one_of("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", *(["Attention", "AdditiveAttention", "MultiHeadAttention"] if kind == "steps" else []))
    if name == "Concatenate":
        return draft.use(name, {}, [value, other], [(kind, 2 * features)])
    if name == "MultiHeadAttention":
        config = {"num_heads": draft.one_of(1, 2), "key_dim": draft.size(), "use_bias": draft.often(0.7)}
        return draft.use(name, config, [value, other], [(kind, features)], keywords=True)
    config = {"use_scale": draft.often(0.5)} if "Attention" in name else {}
    return draft.use(name, config, [value, other], [(kind, features)], **({"list": True} if "Attention" in name else {}))


def use_shared(draft, value):
    """A layer that is used a second time."""
    kind, features = draft.values[value]
    known = [
        index
        for index, use in enumerate(draft.uses)
        if use["class"] in ("Dense", "LSTM", "GRU") and use["layer"] is None and not use["call"] and use["outputs"] == 1
        and draft.values[use["inputs"][0]] == (kind, features)
    ]
    if not known:
        return use_simple(draft, value)
    index = draft.one_of(*known)
    use = draft.uses[index]
    units = use["config"]["units"]
    out = kind if use["class"] == "Dense" or use["config"].get("return_sequences") else "vector"
    return draft.use(use["class"], use["config"], [value], [(out, units)], layer=index)


LOSSES = ["mean_squared_error", "mean_absolute_error", "huber", "log_cosh"]
OPTIMIZERS = [
    {"class": "SGD", "config": {"learning_rate": 0.1}},
    {"class": "SGD", "config": {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True}},
    {"class": "Adam", "config": {"learning_rate": 0.01}},
    {"class": "RMSprop", "config": {"learning_rate": 0.01}},
    {"class": "Nadam", "config": {"learning_rate": 0.01}},
]


def architecture(rng):
    """A random architecture, ready for `build`."""
    draft = Draft(rng)
    for _ in range(draft.one_of(1, 1, 2)):
        kind = draft.one_of("ids", "steps", "vector")
        draft.add_input(kind, LIMIT if kind == "ids" else draft.size(), "int32" if kind == "ids" else "float32")
    for value, given in enumerate(draft.inputs):
        if given["kind"] == "ids":
            width = draft.size()
            draft.use("Embedding", {"input_dim": LIMIT, "output_dim": width, "mask_zero": draft.often(0.5)}, [value], [("steps", width)])
    for _ in range(int(rng.integers(2, 8))):
        value = draft.one_of(*draft.of_kind("steps", "vector"))
        if draft.values[value][0] == "steps":
            act = draft.one_of(use_recurrent, use_recurrent, use_simple, use_steps, use_merge, use_shared)
        else:
            act = draft.one_of(use_simple, use_merge, use_shared)
        act(draft, value)
    taken = {index for use in draft.uses for index in use["inputs"] + use["call"].get("initial_state", [])}
    # Inputs that nothing takes become outputs of a layer.
    for index in range(len(draft.inputs)):
        if index not in taken:
            kind, _ = draft.values[index]
            if kind != "ids":
                draft.use("Dense", {"units": 2}, [index], [(kind, 2)])
    taken = {index for use in draft.uses for index in use["inputs"] + use["call"].get("initial_state", [])}
    outputs = [index for index in draft.of_kind("steps", "vector") if index not in taken]
    return {
        "inputs": draft.inputs,
        "uses": draft.uses,
        "outputs": outputs,
        "loss": draft.one_of(*LOSSES),
        "optimizer": draft.one_of(*OPTIMIZERS),
    }


def smaller(spec):
    """Smaller architectures, each without one use: values that it gave are replaced by an input of the same shape of the use, or dropped."""
    values = len(spec["inputs"])
    starts = []
    for use in spec["uses"]:
        starts.append(values)
        values += use["outputs"]
    for drop in reversed(range(len(spec["uses"]))):
        gone = set(range(starts[drop], starts[drop] + spec["uses"][drop]["outputs"]))
        used = {index for place, use in enumerate(spec["uses"]) if place != drop for index in use["inputs"] + use["call"].get("initial_state", [])}
        if gone & used or any(use["layer"] == drop for use in spec["uses"]):
            continue
        shift = spec["uses"][drop]["outputs"]
        moved = lambda index: index - shift if index >= starts[drop] + shift else index  # noqa: E731
        uses = []
        for place, use in enumerate(spec["uses"]):
            if place == drop:
                continue
            call = dict(use["call"])
            if "initial_state" in call:
                call["initial_state"] = [moved(index) for index in call["initial_state"]]
            layer = use["layer"]
            uses.append({**use, "inputs": [moved(index) for index in use["inputs"]], "call": call, "layer": layer - 1 if layer is not None and layer > drop else layer})
        outputs = [moved(index) for index in spec["outputs"] if index not in gone]
        before = [moved(index) for index in spec["uses"][drop]["inputs"] if index >= len(spec["inputs"])]
        still = {index for use in uses for index in use["inputs"] + use["call"].get("initial_state", [])}
        outputs += [index for index in before if index not in still and index not in outputs]
        if outputs:
            yield {**spec, "uses": uses, "outputs": outputs}
