"""Training of whole models: losses of ten steps with the weights after them, and histories of `fit` with `evaluate` and `predict`."""

from common import camel, camel_keys, exact, generator, keras, np, tensor, write
from keras.src import backend
from models import build, describe

O = keras.optimizers
SIGMOID = {"activation": "sigmoid"}
SEQUENCES = {"return_sequences": True}
EMBEDDING, MASKED = ("Embedding", (9, 3), {}), ("Embedding", (9, 3), {"mask_zero": True})

MODELS = {
    "one-hot SimpleRNN": ([("OneHot", (9,), {}), ("SimpleRNN", (5,), {}), ("Dense", (1,), SIGMOID)], "binary"),
    "Embedding SimpleRNN": ([EMBEDDING, ("SimpleRNN", (5,), {}), ("Dense", (1,), SIGMOID)], "binary"),
    "Embedding with mask LSTM": ([MASKED, ("LSTM", (5,), {}), ("Dense", (1,), SIGMOID)], "binary"),
    "Embedding GRU": ([EMBEDDING, ("GRU", (5,), {}), ("Dense", (3,), {"activation": "softmax"})], "categorical"),
    "Embedding GRU reset before": ([EMBEDDING, ("GRU", (5,), {"reset_after": False}), ("Dense", (3,), {"activation": "softmax"})], "sparse"),
    "temporal GRU with mask": ([MASKED, ("GRU", (5,), SEQUENCES), ("Dense", (3,), {"activation": "softmax"})], "sparse temporal"),
    "LSTM SimpleRNN backwards": ([("LSTM", (5,), SEQUENCES), ("SimpleRNN", (4,), {"go_backwards": True}), ("Dense", (2,), {})], "squared"),
    "temporal Masking GRU": ([("Masking", (), {"mask_value": -1.0}), ("GRU", (5,), SEQUENCES), ("Dense", (2,), {})], "squared temporal"),
    "Masking of samples": ([("Masking", (), {"mask_value": -1.0}), ("Dense", (3,), {"activation": "tanh"}), ("Dense", (2,), {})], "absolute"),
    "Dense": ([("Dense", (6,), {"activation": "tanh"}), ("Dense", (5,), {"activation": "relu"}), ("Dense", (2,), {"use_bias": False})], "absolute"),
}

OPTIMIZERS = [
    (O.SGD, {"learning_rate": 0.1}),
    (O.SGD, {"learning_rate": 0.05, "momentum": 0.9}),
    (O.SGD, {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True}),
    (O.RMSprop, {}),
    (O.RMSprop, {"learning_rate": 0.01, "momentum": 0.5}),
    (O.RMSprop, {"learning_rate": 0.01, "centered": True}),
    (O.Adam, {"learning_rate": 0.01}),
    (O.SGD, {"learning_rate": 0.1, "clipnorm": 0.05}),
    (O.SGD, {"learning_rate": 0.1, "clipvalue": 0.02}),
    (O.SGD, {"learning_rate": 0.1, "global_clipnorm": 0.1}),
    (O.Adam, {"learning_rate": 0.01, "global_clipnorm": 0.1}),
]

LOSSES = {
    "binary": "binary_crossentropy",
    "categorical": "categorical_crossentropy",
    "sparse": "sparse_categorical_crossentropy",
    "sparse temporal": "sparse_categorical_crossentropy",
    "squared": "mean_squared_error",
    "squared temporal": "mean_squared_error",
    "absolute": "mean_absolute_error",
}


def data_of(rng, task, first_layer, samples, steps=6):
    if first_layer in ("OneHot", "Embedding"):
        x = rng.integers(1, 9, (samples, steps))
        for row in range(samples):
            x[row, : rng.integers(0, steps - 1)] = 0
    else:
        x = exact(rng, samples, steps, 4) if task.startswith("squared") else exact(rng, samples, 4)
        if first_layer == "Masking":
            x[rng.random(x.shape[:-1]) < 0.3] = -1
    y = {
        "binary": lambda: rng.integers(0, 2, (samples, 1)),
        "categorical": lambda: np.eye(3)[rng.integers(0, 3, samples)],
        "sparse": lambda: rng.integers(0, 3, samples),
        "sparse temporal": lambda: rng.integers(0, 3, (samples, steps)),
        "squared": lambda: exact(rng, samples, 2),
        "squared temporal": lambda: exact(rng, samples, steps, 2),
        "absolute": lambda: exact(rng, samples, 2),
    }[task]()
    return x, y


def common_part(name, make, options, model, specifications, x, y, task):
    return {
        "name": name,
        "layers": describe(specifications, model),
        "optimizer": make.__name__,
        "optimizerOptions": camel_keys(options),
        "loss": "".join(word.capitalize() if i else word for i, word in enumerate(LOSSES[task].split("_"))),
        "x": tensor(x),
        "y": tensor(y),
    }


def ten_losses(rng, model_name, make, options):
    specifications, task = MODELS[model_name]
    x, y = data_of(rng, task, specifications[0][0], samples=7)
    model = build(rng, specifications, x)
    model.compile(optimizer=make(**options), loss=LOSSES[task])
    name = f"{model_name}, {make.__name__} " + " ".join(f"{key}={value}" for key, value in camel_keys(options).items())
    result = common_part(name.strip(), make, options, model, specifications, x, y, task)
    losses = []
    for _ in range(10):
        model.reset_metrics()  # train_on_batch returns a running mean otherwise
        losses.append(float(model.train_on_batch(x, y)))
    return {**result, "losses": losses, "after": [layer["weights"] for layer in describe(specifications, model)]}


def keep_mask_for_metrics(model):
    """Masked steps must not count in the metrics. Keras' trainer on JAX forgets the mask of the predictions between loss and
    metrics of a training step; its trainer on PyTorch keeps it, as `evaluate` does on both."""
    update = model._update_metrics_variables

    def update_with_mask(metrics_variables, loss, x, y, y_pred, sample_weight):
        is_series = model.layers[0].__class__.__name__ == "Masking"
        backend.set_keras_mask(y_pred, keras.ops.any(keras.ops.not_equal(x, -1.0), axis=-1) if is_series else keras.ops.not_equal(x, 0))
        return update(metrics_variables, loss, x, y, y_pred, sample_weight)

    model._update_metrics_variables = update_with_mask


def fit_history(rng, model_name, make, options, weighted=False, metrics=None, weighted_metrics=None, class_weight=None):
    specifications, task = MODELS[model_name]
    x, y = data_of(rng, task, specifications[0][0], samples=22)
    # Keras cannot repeat the weight of a sample over steps that have a mask.
    sample_weight = np.abs(exact(rng, *(y.shape[:2] if task.endswith("temporal") else (22,)))) if weighted else None
    model = build(rng, specifications, x)
    classification = task not in ("squared", "squared temporal", "absolute")
    names = metrics or (["accuracy"] if classification else ["mean_absolute_error"])
    model.compile(optimizer=make(**options), loss=LOSSES[task], metrics=names, weighted_metrics=weighted_metrics)
    label = f"{model_name}{' with sample weights' if weighted else ''}{f', metrics {camel(metrics[0])}' if metrics else ''}"
    label += f"{' with class weights' if class_weight else ''}{f', weighted metrics {camel(weighted_metrics[0])}' if weighted_metrics else ''}"
    result = common_part(label, make, options, model, specifications, x, y, task)
    if task.endswith("temporal") or specifications[0][0] == "Masking":
        keep_mask_for_metrics(model)
    fit = {"batchSize": 5, "epochs": 3, "validationSplit": 0.25} | ({"classWeight": class_weight} if class_weight else {})
    history = model.fit(x, y, batch_size=5, epochs=3, validation_split=0.25, shuffle=False, verbose=0, sample_weight=sample_weight, class_weight=class_weight)
    return {
        **result,
        "metrics": [camel(name) for name in names],
        "weightedMetrics": [camel(name) for name in weighted_metrics or []],
        "sampleWeight": None if sample_weight is None else tensor(sample_weight),
        "fit": fit,
        "history": camel_keys(history.history),
        "evaluate": camel_keys(model.evaluate(x, y, batch_size=5, verbose=0, return_dict=True)),
        "predict": tensor(model.predict(x, batch_size=5, verbose=0)),
        "after": [layer["weights"] for layer in describe(specifications, model)],
    }


def main():
    rng = generator("training")
    steps = [ten_losses(rng, "Embedding with mask LSTM", *optimizer) for optimizer in OPTIMIZERS]
    steps += [ten_losses(rng, model, O.SGD, {"learning_rate": 0.1}) for model in MODELS if model != "Embedding with mask LSTM" and "Masking" not in model]
    fits = [
        fit_history(rng, "Embedding SimpleRNN", O.RMSprop, {"learning_rate": 0.01}),
        fit_history(rng, "Embedding with mask LSTM", O.Adam, {"learning_rate": 0.02}),
        fit_history(rng, "Embedding GRU", O.SGD, {"learning_rate": 0.1}),
        fit_history(rng, "temporal GRU with mask", O.Adam, {"learning_rate": 0.02}),
        fit_history(rng, "LSTM SimpleRNN backwards", O.SGD, {"learning_rate": 0.05, "momentum": 0.9}),
        fit_history(rng, "Embedding SimpleRNN", O.SGD, {"learning_rate": 0.1}, weighted=True),
        fit_history(rng, "temporal GRU with mask", O.SGD, {"learning_rate": 0.1}, metrics=["sparse_categorical_crossentropy"]),
        fit_history(rng, "Dense", O.SGD, {"learning_rate": 0.05}, metrics=["root_mean_squared_error"]),
        fit_history(
            rng,
            "LSTM SimpleRNN backwards",
            O.SGD,
            {"learning_rate": 0.05},
            weighted=True,
            metrics=["root_mean_squared_error", "mean_absolute_error"],
            weighted_metrics=["root_mean_squared_error", "mean_squared_error"],
        ),
        fit_history(rng, "Embedding SimpleRNN", O.SGD, {"learning_rate": 0.1}, weighted=True, weighted_metrics=["accuracy", "binary_crossentropy"]),
        fit_history(rng, "Embedding GRU", O.SGD, {"learning_rate": 0.1}, class_weight={0: 3.0, 2: 0.25}, weighted_metrics=["accuracy"]),
        fit_history(
            rng,
            "temporal GRU with mask",
            O.SGD,
            {"learning_rate": 0.1},
            weighted=True,
            metrics=["sparse_categorical_crossentropy"],
            weighted_metrics=["accuracy", "sparse_categorical_crossentropy"],
        ),
        fit_history(rng, "temporal GRU with mask", O.SGD, {"learning_rate": 0.1}, weighted_metrics=["accuracy", "sparse_categorical_crossentropy"]),
        fit_history(rng, "temporal Masking GRU", O.Adam, {"learning_rate": 0.02}, metrics=["mean_absolute_error", "mean_squared_error"]),
        fit_history(rng, "temporal Masking GRU", O.SGD, {"learning_rate": 0.1}, weighted=True, weighted_metrics=["mean_absolute_error", "mean_squared_error"]),
        fit_history(rng, "Masking of samples", O.SGD, {"learning_rate": 0.1}, weighted=True, weighted_metrics=["mean_squared_error"]),
    ]
    write("training", {"steps": steps, "fits": fits})
