"""Random losses and optimizers, and the targets that go with the losses."""

import numpy as np
from keras.src.backend import get_keras_mask as mask_of

# By what the last layer gives (None: whatever there is): the loss, its options, and the kind of its targets.
LOSSES = {
    None: [
        ("MeanSquaredError", {}, "floats"),
        ("MeanAbsoluteError", {}, "floats"),
        ("Huber", {}, "floats"),
        ("LogCosh", {}, "floats"),
        ("Hinge", {}, "signs"),
        ("SquaredHinge", {}, "signs"),
        ("BinaryCrossentropy", {"from_logits": [True], "label_smoothing": [0.1]}, "bits"),
    ],
    "linear": [
        ("CategoricalHinge", {}, "one-hot"),
        ("CosineSimilarity", {}, "floats"),
        ("CategoricalCrossentropy", {"from_logits": [True], "label_smoothing": [0.1]}, "one-hot"),
        ("SparseCategoricalCrossentropy", {"from_logits": [True], "ignore_class": [1]}, "classes"),
    ],
    "sigmoid": [
        ("BinaryCrossentropy", {"label_smoothing": [0.1]}, "bits"),
        ("BinaryFocalCrossentropy", {"gamma": [1.5], "apply_class_balancing": [True], "alpha": [0.3]}, "bits"),
        ("Poisson", {}, "bits"),
        ("MeanSquaredLogarithmicError", {}, "bits"),
        ("MeanAbsolutePercentageError", {}, "signs"),
        ("Dice", {}, "bits"),
        ("Tversky", {"alpha": [0.3], "beta": [0.6]}, "bits"),
    ],
    "softmax": [
        ("CategoricalCrossentropy", {"label_smoothing": [0.1]}, "one-hot"),
        ("SparseCategoricalCrossentropy", {}, "classes"),
        ("KLDivergence", {}, "shares"),
        ("CategoricalFocalCrossentropy", {"gamma": [1.5], "alpha": [0.3]}, "one-hot"),
        ("CategoricalGeneralizedCrossEntropy", {"q": [0.4]}, "classes"),
    ],
}
OPTIONAL = {"from_logits"}
SGD = {"momentum": [0.9], "nesterov": [True]}
COMMON = {"weight_decay": [0.01], "clipnorm": [0.5], "clipvalue": [0.2], "global_clipnorm": [0.5], "use_ema": [True]}
# Gradients that are zero but for rounding, such as those of a bias before BatchNormalization, must not be divided by less.
EPSILON = {"epsilon": 0.001}
MORE = ["RMSprop", "AdamW", "Nadam", "Adamax", "Adagrad", "Adadelta"]


def optional(draft, options):
    return {name: draft.one_of(*values) for name, values in options.items() if name in OPTIONAL or draft.often(0.4)}


# Keras counts masked steps in these.
WITHOUT_MASK = ["Dice", "Tversky"]


def draw_losses(draft, outputs, may_add):
    """A loss for each output, which may get a layer for it, and optimizers."""
    found, losses = [], []
    for output in outputs:
        # Classes that an output of free size would have are unknown.
        head = draft.one_of(*LOSSES) if may_add and draft.shape(output)[-1] is not None else None
        if head:
            classes = 3 if head != "sigmoid" else draft.one_of(1, 2)
            layer = {"class": "Dense", "config": {"units": classes, "activation": head}}
            output = draft.use(layer, [output])[0]
        masked = mask_of(draft.values[output]) is not None
        name, options, targets = draft.one_of(*(loss for loss in LOSSES[head] if not masked or loss[0] not in WITHOUT_MASK))
        found.append(output)
        losses.append({"layer": {"class": f"losses.{name}", "config": optional(draft, options)}, "targets": targets, "probabilities": head in ("sigmoid", "softmax")})
    sgd = {"learning_rate": 0.1, **optional(draft, SGD)}
    if sgd.keys() == {"learning_rate", "nesterov"}:
        del sgd["nesterov"]
    one_more = {name: draft.one_of(*values) for name, values in [draft.one_of(*COMMON.items())]} if draft.often(0.3) else {}
    optimizers = [
        {"class": "optimizers.SGD", "config": {**sgd, **one_more}},
        {"class": "optimizers.Adam", "config": {"learning_rate": 0.01, **EPSILON, **optional(draft, {"beta_1": [0.8], "amsgrad": [True]}), **one_more}},
    ]
    if draft.often(0.2):
        optimizers.append({"class": f"optimizers.{draft.one_of(*MORE)}", "config": {"learning_rate": 0.01, **EPSILON}})
    return {"outputs": found, "losses": losses, "optimizers": optimizers}


def targets_for(kind, shape, rng):
    """Targets of a kind for an output of a shape."""
    if kind == "classes":
        return rng.integers(0, shape[-1], shape[:-1]).astype("int32")
    if kind == "one-hot":
        return np.eye(shape[-1], dtype="float32")[rng.integers(0, shape[-1], shape[:-1])]
    if kind == "shares":
        values = rng.random(shape) + 0.1
        return (values / values.sum(-1, keepdims=True)).astype("float32")
    if kind == "floats":
        return rng.normal(0, 1, shape).astype("float32")
    bits = rng.integers(0, 2, shape).astype("float32")
    return bits * 2 - 1 if kind == "signs" else bits
