"""Random architectures as plain data (see source.py). Keras applies each layer when it is drawn: what it refuses is left out."""

import keras

from layers import ACTIVATIONS, ANY, CELLS, ELEMENTWISE, MERGES, PREPROCESSING, REDUCTIONS, SIMPLE, recurrent, some
from losses import draw_losses, mask_of
from shrink import without_unused
from source import Source, input_of

LIMIT = 7  # ids are below it
BATCH = 3


def listed(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


class Draft:
    """An architecture that grows; `rng` decides."""

    def __init__(self, rng, noise=False, batch=None, depth=0):
        self.rng, self.noise, self.batch, self.depth = rng, noise, batch, depth
        self.inputs, self.uses, self.values = [], [], []
        # Values that a MultiHeadAttention took the mask from: Keras sets it to None, for other layers too.
        self.spoiled = set()
        self.source, self.scope = Source(), {"keras": keras}

    def one_of(self, *choices):
        return choices[int(self.rng.integers(len(choices)))]

    def often(self, share):
        return bool(self.rng.random() < share)

    def size(self):
        return int(self.rng.integers(1, 5))

    def shape(self, value):
        return tuple(self.values[value].shape[1:])

    def of_rank(self, *ranks):
        return [index for index in range(len(self.values)) if len(self.shape(index)) in ranks and not self.is_ids(index) and index not in self.spoiled]

    def is_ids(self, value):
        given = self.inputs[value] if value < len(self.inputs) else {}
        return "limit" in given or "int" in str(self.values[value].dtype)

    def add_input(self, shape, dtype="float", **more):
        self.inputs.append({"shape": list(shape), "dtype": dtype, **({"batch": self.batch} if self.batch else {}), **more})
        self.keep([eval(input_of(self.inputs[-1]), self.scope)])
        return len(self.values) - 1

    def keep(self, tensors):
        for tensor in tensors:
            self.scope[f"v{len(self.values)}"] = tensor
            self.values.append(tensor)

    def use(self, layer, args, kwargs=None, **options):
        """Applies a new layer, or that of an earlier use. Returns the indices of its outputs; none where Keras refuses it."""
        use = {"layer": layer, "args": args, "kwargs": kwargs or {}, "options": options}
        place = len(self.uses)
        try:
            exec("\n".join(self.source.made(use, place)), self.scope)
            outputs = listed(eval(self.source.call(use, place), self.scope))
            if any(size is not None and size < 1 for output in outputs for size in output.shape):
                return []
        except Exception:  # noqa: BLE001
            return []
        self.uses.append({**use, "outputs": len(outputs)})
        self.keep(outputs)
        return list(range(len(self.values) - len(outputs), len(self.values)))

    def taken(self):
        """The values that layers take."""
        found = set()

        def add(value):
            for each in listed(value):
                add(each) if isinstance(each, list) else found.add(each)

        for use in self.uses:
            add(use["args"])
            add(list(use["kwargs"].values()))
        return found

    def uses_behind(self, value):
        """The uses of layers that a value is made by, and those before them."""
        makers = [None] * len(self.inputs) + [index for index, use in enumerate(self.uses) for _ in range(use["outputs"])]
        found, left = set(), [value]
        while left:
            each = left.pop()
            if isinstance(each, list):
                left += each
            elif makers[each] is not None and makers[each] not in found:
                found.add(makers[each])
                use = self.uses[makers[each]]
                left += [use["args"], *use["kwargs"].values()]
        return found

    def model(self, spec):
        """The model of a finished architecture."""
        exec(self.source.end(spec), self.scope)
        return self.scope["model"]

    def spec(self, outputs=None):
        free = [index for index in self.of_rank(1, 2, 3) if index not in self.taken() and index >= len(self.inputs)]
        return {"inputs": self.inputs, "uses": self.uses, "outputs": outputs or free}


def simple_layer(draft, shape):
    """A random layer for one input of a shape."""
    # Images have known sizes here.
    choices = ANY if len(shape) == 3 and None in shape else SIMPLE[len(shape)]
    if None in shape:
        choices = {name: make for name, make in choices.items() if name != "Flatten"}
    # Two features become -1 and 1 whatever they are, so the gradient is what rounding leaves.
    if shape[-1] == 2:
        choices = {name: make for name, make in choices.items() if name != "LayerNormalization"}
    name = draft.one_of(*choices)
    return {"class": name, "config": choices[name](draft, shape)}


def use_simple(draft, value):
    layer = simple_layer(draft, draft.shape(value))
    if fits_mask(draft, layer, value):
        draft.use(layer, [value])


def fits_mask(draft, layer, value):
    """Keras refuses a Softmax of masked sequences when it runs; inside of TimeDistributed the mask of the samples hides features."""
    return layer["class"] != "Softmax" or mask_of(draft.values[value]) is None


def use_recurrent(draft, value):
    name = draft.one_of(*CELLS)
    config = recurrent(draft, name)
    kind = draft.one_of("plain", "state", "bidirectional", "bidirectional state", "cells", "initial", "stateful", "time distributed")
    states = 2 if name == "LSTM" else 1
    layer = {"class": name, "config": config}
    if kind == "state":
        config["return_state"] = True
    if kind == "stateful" and draft.batch:
        config["stateful"] = True
    if "bidirectional" in kind:
        config.pop("go_backwards", None)
        config["return_state"] = "state" in kind
        layer = {"class": "Bidirectional", "args": [layer], "config": {"merge_mode": draft.one_of("concat", "sum", "mul", "ave", *([None] if "state" not in kind else []))}}
    if kind == "cells":
        names = [name, *([draft.one_of(*CELLS)] if draft.often(0.5) else [])]
        cells = [{"class": f"{each}Cell", "config": recurrent(draft, each, cell=True)} for each in names]
        layer = {"class": "RNN", "args": [cells if len(cells) > 1 else cells[0]], "config": some(draft, return_sequences=[True], return_state=[True], go_backwards=[True])}
        if draft.often(0.3):
            layer = {"class": "Bidirectional", "args": [{**layer, "config": {}}]}
    # Keras loses the mask of a layer that is given states.
    if kind == "initial" and mask_of(draft.values[value]) is None:
        vectors = draft.of_rank(1)
        if vectors:
            dense = [draft.use({"class": "Dense", "config": {"units": config["units"]}}, [draft.one_of(*vectors)]) for _ in range(states)]
            draft.use(layer, [value], {"initial_state": [given[0] for given in dense]})
            return
    draft.use(layer, [value])


def use_distributed(draft, value):
    inner = simple_layer(draft, draft.shape(value)[1:])
    if len(draft.shape(value)) == 3 and draft.often(0.3):
        name = draft.one_of(*CELLS)
        inner = {"class": name, "config": recurrent(draft, name)}
    # Keras loses the regularizers of what a layer inside of TimeDistributed gives.
    inner["config"].pop("activity_regularizer", None)
    if inner["class"] != "ActivityRegularization" and fits_mask(draft, inner, value):
        draft.use({"class": "TimeDistributed", "args": [inner]}, [value])


def use_merge(draft, value):
    like = [index for index in draft.of_rank(len(draft.shape(value))) if draft.shape(index)[:-1] == draft.shape(value)[:-1] and index != value]
    other = draft.one_of(value, *like, *like)
    name = draft.one_of(*MERGES)
    if name not in ("Concatenate", "Dot") and draft.shape(other) != draft.shape(value):
        other = (draft.use({"class": "Dense", "config": {"units": draft.shape(value)[-1]}}, [other]) or [value])[0]
    config = {"Dot": {"axes": draft.one_of(1, -1, [1, 1]), "normalize": draft.often(0.3)}, "Concatenate": some(draft, axis=[-1, 1])}.get(name, {})
    draft.use({"class": name, "config": config}, [[value, other]])


def use_attention(draft, value):
    # Backtime needs the number of features.
    if draft.shape(value)[-1] is None:
        return
    other = draft.one_of(value, *(index for index in draft.of_rank(2) if draft.shape(index)[-1] == draft.shape(value)[-1]))
    masked = mask_of(draft.values[value]) is not None or mask_of(draft.values[other]) is not None
    # Steps that may look at masked steps alone have other weights in float64 than in float32.
    options = some(draft, return_attention_scores=[True], **({} if masked else {"use_causal_mask": [True]}))
    name = draft.one_of("Attention", "AdditiveAttention", "MultiHeadAttention")
    if masked and name == "MultiHeadAttention" and {value, other} & draft.taken():
        name = "Attention"
    if name == "MultiHeadAttention":
        if masked:
            draft.spoiled |= {value, other}
        config = {"num_heads": draft.one_of(1, 2), "key_dim": draft.size(), **some(draft, use_bias=[False], value_dim=[3], output_shape=[3], dropout=[0.0])}
        # The scores that Keras returns have the mask of the attention, which a loss would take for its own.
        if masked or len(options) > 1:
            options.pop("return_attention_scores", None)
        draft.use({"class": name, "config": config}, [], {"query": value, "value": other}, **options)
        return
    config = some(draft, use_scale=[True, False], **({"score_mode": ["dot", "concat"]} if name == "Attention" else {}))
    draft.use({"class": name, "config": config}, [[value, other]], **options)


def is_shareable(use):
    """Whether a use made a layer of one input. An Embedding takes no floats, each use of a stateful layer has states of its own here, and Keras does not check the shapes that a model takes."""
    layer = use["layer"]
    return isinstance(layer, dict) and len(use["args"]) == 1 and not use["kwargs"] and layer.get("class") != "Embedding" and "uses" not in layer and "'stateful'" not in str(layer)


def keeps_order(draft, use, value):
    """Whether a layer that moves means and variances takes a value that is made of what its last use gave: else Keras may run the later use first."""
    if "'BatchNormalization'" not in str(use["layer"]):
        return True
    first = next(index for index, each in enumerate(draft.uses) if each is use)
    last = max([first, *(index for index, each in enumerate(draft.uses) if each["layer"] == first)])
    return last in draft.uses_behind(value)


def fits_weights(draft, use, value):
    """Whether a layer can take another value than before.

    Keras spreads the slopes of a PReLU of three axes over the samples of two, and the scale of an RMSNormalization where either value has a single
    feature. It does not check what layers inside of TimeDistributed take.
    """
    first, other, layer = draft.shape(use["args"][0]), draft.shape(value), str(use["layer"])
    if ("'RMSNormalization'" in layer and first[-1] != other[-1]) or not keeps_order(draft, use, value):
        return False
    # Backtime makes no last axis of a free size.
    if None in other and ("'Flatten'" in layer or "'Reshape'" in layer):
        return False
    return len(first) == len(other) or not (use["layer"].get("class") == "TimeDistributed" or "'PReLU'" in layer)


def use_shared(draft, value):
    """The layer of an earlier use again."""
    known = [index for index, use in enumerate(draft.uses) if is_shareable(use) and fits_weights(draft, use, value)]
    if known:
        index = draft.one_of(*known)
        draft.use(index, [value], **draft.uses[index]["options"])


def use_operation(draft, value):
    if draft.often(0.5):
        draft.use({"function": draft.one_of(*ELEMENTWISE)}, [value])
    else:
        draft.use({"function": draft.one_of(*REDUCTIONS)}, [value], axis=draft.one_of(1, -1), keepdims=draft.often(0.3))


def use_model(draft, value):
    """A model as a layer, which may be used twice."""
    if draft.depth > 1:
        return
    inner = Draft(draft.rng, draft.noise, draft.batch, draft.depth + 1)
    inner.add_input(draft.shape(value))
    if draft.often(0.4):
        last = 0
        for _ in range(draft.one_of(1, 2, 3)):
            given = inner.use(simple_layer(inner, inner.shape(last)), [last])
            last = given[0] if given else last
        layer = {**inner.spec([last]), "sequential": True}
    else:
        grow(inner, draft.one_of(1, 2, 3))
        layer = inner.spec()
    if not inner.uses:
        return
    if draft.often(0.15) and len(draft.shape(value)) < 3 and all(size is not None for size in draft.shape(value)):
        repeated = draft.use({"class": "RepeatVector", "config": {"n": 3}}, [value]) if len(draft.shape(value)) == 1 else []
        if repeated:
            draft.use({"class": "TimeDistributed", "args": [layer]}, repeated)
            return
    draft.use(layer, [value])
    like = [index for index in range(len(draft.inputs), len(draft.values)) if draft.shape(index) == draft.shape(value) and not draft.is_ids(index)]
    like = [index for index in like if draft.uses[-1]["layer"] is layer and keeps_order(draft, draft.uses[-1], index)]
    if like and draft.often(0.5):
        draft.use(len(draft.uses) - 1, [draft.one_of(*like)])


def grow(draft, count):
    for _ in range(count):
        values = draft.of_rank(1, 2, 3)
        if not values:
            return
        value = draft.one_of(*values, *values[-2:])
        more = {1: [], 2: [use_recurrent, use_recurrent, use_attention, use_distributed], 3: [use_distributed]}[len(draft.shape(value))]
        draft.one_of(use_simple, use_simple, use_merge, use_shared, use_operation, use_model, *more, *more)(draft, value)


def preprocessed(draft):
    """A Sequential model that begins with a layer that prepares data."""
    kind = draft.one_of(*PREPROCESSING)
    name = draft.one_of(*PREPROCESSING[kind])
    shape, dtype = {"texts": ([1] if name == "TextVectorization" else [4], "string"), "integers": ([4], "int32"), "floats": ([3], "float")}[kind]
    draft.add_input(shape, dtype, **({"texts": True} if kind == "texts" else {"limit": LIMIT} if kind == "integers" else {}))
    last = draft.use({"class": name, "config": PREPROCESSING[kind][name](draft)}, [0])
    if not last:
        return None
    # Keras computes with the integers of these as integers.
    if name not in ("Normalization", "Rescaling") and not draft.is_ids(last[0]):
        last = draft.use({"class": "Dense", "config": {"units": draft.size()}}, last)
    if draft.is_ids(last[0]):
        last = draft.use({"class": "Embedding", "config": {"input_dim": 9, "output_dim": draft.size(), "mask_zero": draft.often(0.5)}}, last)
    for _ in range(draft.one_of(1, 2, 3)):
        name = draft.one_of(*CELLS)
        recurrence = len(draft.shape(last[0])) == 2 and draft.often(0.5)
        layer = {"class": name, "config": recurrent(draft, name)} if recurrence else simple_layer(draft, draft.shape(last[0]))
        if layer["class"] != "Softmax":
            last = draft.use(layer, last) or last
    return {**draft.spec(last), "sequential": True}


def architecture(rng, texts=True):
    """A random architecture with losses, and its model. Without `texts` none takes strings, which only Keras on TensorFlow does."""
    keras.backend.clear_session(free_memory=False)
    draft = Draft(rng, noise=rng.random() < 0.1, batch=BATCH if rng.random() < 0.15 else None)
    if texts and draft.often(0.1):
        spec = preprocessed(draft)
        if spec:
            spec = {**spec, **draw_losses(draft, spec["outputs"], False), "noise": draft.noise}
            return spec, draft.model(spec)
        draft = Draft(rng)
    steps = draft.one_of(5, 5, 5, 5, None)
    for _ in range(draft.one_of(1, 1, 2, 3)):
        kind = draft.one_of("ids", "ids", "steps", "steps", "vector", "image")
        if kind == "ids":
            draft.add_input([steps], draft.one_of("int32", "int64", "float"), limit=LIMIT)
        else:
            draft.add_input({"steps": [steps, draft.size()], "vector": [draft.size()], "image": [4, 3, draft.size()]}[kind], padded=kind == "steps")
    for index, given in enumerate(list(draft.inputs)):
        if "limit" in given:
            config = {"input_dim": LIMIT, "output_dim": draft.size(), "mask_zero": draft.often(0.5)}
            if draft.often(0.2):
                config["embeddings_regularizer"] = {"class": "regularizers.L2", "config": {"l2": 0.01}}
            draft.use({"class": "Embedding", "config": config}, [index])
    grow(draft, int(rng.integers(2, 8)))
    # Every input is used.
    for index in range(len(draft.inputs)):
        if index not in draft.taken():
            draft.use({"class": "Dense", "config": {"units": 2, "activation": draft.one_of(*ACTIVATIONS)}}, [index])
    losses = draw_losses(draft, draft.spec()["outputs"], True)
    spec = {**draft.spec(), **losses, "noise": draft.noise}
    if len(without_unused(spec)["inputs"]) < len(draft.inputs):
        raise ValueError("an input reaches no output")
    return spec, draft.model(spec)
