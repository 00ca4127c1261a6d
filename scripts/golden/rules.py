"""Penalties on weights and outputs, and constraints: four steps of training of small models, by Keras."""

from common import exact, generator, keras, np, set_exact_weights, tensor, write

L, R, C = keras.layers, keras.regularizers, keras.constraints
B, T, V, D, H = 6, 4, 7, 3, 2


def rule(value):
    """A rule of the TypeScript API as an object of Keras."""
    kind, config = value
    names = {"minValue": "min_value", "maxValue": "max_value"}
    cls = getattr(R if hasattr(R, kind) else C, kind)
    return cls(**{names.get(name, name): each for name, each in config.items()})


SNAKE = {
    "kernelRegularizer": "kernel_regularizer",
    "recurrentRegularizer": "recurrent_regularizer",
    "biasRegularizer": "bias_regularizer",
    "embeddingsRegularizer": "embeddings_regularizer",
    "activityRegularizer": "activity_regularizer",
    "kernelConstraint": "kernel_constraint",
    "recurrentConstraint": "recurrent_constraint",
    "biasConstraint": "bias_constraint",
    "embeddingsConstraint": "embeddings_constraint",
}

# name: rules of Embedding, of LSTM, of Dense; further options
CASES = {
    "penalties on kernels": ({}, {"kernelRegularizer": ("L1", {"l1": 0.25})}, {"kernelRegularizer": ("L2", {"l2": 0.5})}, {}),
    "both penalties, on every weight": (
        {"embeddingsRegularizer": ("L1L2", {"l1": 0.125, "l2": 0.25})},
        {
            "kernelRegularizer": ("L2", {"l2": 0.25}),
            "recurrentRegularizer": ("L1L2", {"l1": 0.25, "l2": 0.125}),
            "biasRegularizer": ("L1", {"l1": 0.0625}),
        },
        {"biasRegularizer": ("L2", {"l2": 1.0})},
        {},
    ),
    "defaults": (
        {"embeddingsRegularizer": ("L1", {})},
        {"recurrentRegularizer": ("L2", {}), "kernelRegularizer": ("L1L2", {})},
        {"kernelConstraint": ("MaxNorm", {}), "biasConstraint": ("MinMaxNorm", {})},
        {},
    ),
    "penalties on outputs": (
        {"activityRegularizer": ("L2", {"l2": 0.25})},
        {"activityRegularizer": ("L1L2", {"l1": 0.5, "l2": 0.25})},
        {"activityRegularizer": ("L1", {"l1": 0.125})},
        {},
    ),
    "penalties on outputs of a masked model": (
        {"activityRegularizer": ("L2", {"l2": 0.25})},
        {"activityRegularizer": ("L1", {"l1": 0.5}), "kernelRegularizer": ("L2", {"l2": 0.5})},
        {"activityRegularizer": ("L2", {"l2": 0.5})},
        {"maskZero": True},
    ),
    "a penalty on the probabilities of a softmax": ({}, {}, {"activityRegularizer": ("L2", {"l2": 0.5})}, {"softmax": True}),
    "a frozen layer has no penalty": (
        {},
        {"kernelRegularizer": ("L2", {"l2": 0.5}), "kernelConstraint": ("UnitNorm", {})},
        {"kernelRegularizer": ("L2", {"l2": 0.5})},
        {"frozen": True},
    ),
    "norms of columns": (
        {"embeddingsConstraint": ("MaxNorm", {"maxValue": 1.0})},
        {"kernelConstraint": ("UnitNorm", {}), "recurrentConstraint": ("MinMaxNorm", {"minValue": 0.5, "maxValue": 0.75, "rate": 0.5})},
        {"kernelConstraint": ("MaxNorm", {"maxValue": 0.5}), "biasConstraint": ("UnitNorm", {})},
        {},
    ),
    "norms of rows and of all": (
        {"embeddingsConstraint": ("UnitNorm", {"axis": 1})},
        {"kernelConstraint": ("MaxNorm", {"maxValue": 0.75, "axis": -1}), "recurrentConstraint": ("MaxNorm", {"maxValue": 0.5, "axis": [0, 1]})},
        {"kernelConstraint": ("MinMaxNorm", {"minValue": 1.0, "maxValue": 2.0, "axis": 1})},
        {},
    ),
    # JAX says that the derivative of |x| at 0 is 1; on TensorFlow and PyTorch it is 0, as here. So no L1 where weights are 0.
    "no negative weights, with a penalty": (
        {},
        {"kernelConstraint": ("NonNeg", {}), "biasConstraint": ("NonNeg", {})},
        {"kernelConstraint": ("NonNeg", {}), "kernelRegularizer": ("L2", {"l2": 0.25})},
        {},
    ),
    "in wrappers": (
        {},
        {"kernelRegularizer": ("L2", {"l2": 0.25}), "activityRegularizer": ("L1", {"l1": 0.5}), "recurrentConstraint": ("UnitNorm", {})},
        # Keras loses the activityRegularizer of a layer in TimeDistributed; here it counts.
        {"kernelRegularizer": ("L1", {"l1": 0.25})},
        {"wrapped": True},
    ),
}


def keras_rules(rules):
    return {SNAKE[name]: rule(value) for name, value in rules.items()}


def case(rng, name, embedding, lstm, dense, options):
    recurrent = L.LSTM(H, return_sequences=True, **keras_rules(lstm))
    head = L.Dense(2, activation="softmax" if options.get("softmax") else None, **keras_rules(dense))
    if options.get("wrapped"):
        recurrent, head = L.Bidirectional(recurrent), L.TimeDistributed(head)
    if options.get("frozen"):
        recurrent.trainable = False
    table = L.Embedding(V, D, mask_zero=options.get("maskZero", False), **keras_rules(embedding))
    model = keras.Sequential([keras.Input((T,), dtype="int32"), table, recurrent, head])
    for layer in model.layers:
        set_exact_weights(layer, rng)
    before = [tensor(weight) for weight in model.get_weights()]
    x = rng.integers(1, V, size=(B, T)).astype("int32")
    if options.get("maskZero"):
        x[0, 2:] = 0
        x[3, :1] = 0
    y = exact(rng, B, T, 2)
    if options.get("softmax"):
        y = np.eye(2)[rng.integers(0, 2, size=(B, T))]
    loss = "categorical_crossentropy" if options.get("softmax") else "mse"
    model.compile(optimizer=keras.optimizers.SGD(0.125, momentum=0.5), loss=loss)
    losses = [float(model.train_on_batch(x, y)) for _ in range(4)]
    return {
        "name": name,
        "rules": [{key: {"className": kind, "config": config} for key, (kind, config) in rules.items()} for rules in (embedding, lstm, dense)],
        "options": options,
        "x": tensor(x),
        "y": tensor(y),
        "before": before,
        "losses": losses,
        "after": [tensor(weight) for weight in model.get_weights()],
        "evaluate": float(model.evaluate(x, y, verbose=0)),
    }


def main():
    rng = generator("rules")
    write("rules", {"cases": [case(rng, name, *given) for name, given in CASES.items()]})
