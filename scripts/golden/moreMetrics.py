"""Metrics beyond accuracy: of all rows of a model's outputs, with and without weights."""

from common import camel, camel_keys, exact, generator, keras, np, tensor, write

M = keras.metrics
N, C = 23, 4


def probability(rng, *shape):
    return (1 + rng.integers(0, 126, shape)) / 128


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def distribution(rng, *shape):
    return np.round(softmax(exact(rng, *shape)) * 1024 + 1) / 1024


def one_hot(rng, *shape):
    return np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]


def binary(rng, *shape):
    return rng.integers(0, 2, shape).astype("float64")


def labels(rng, *shape):
    return rng.integers(0, shape[-1], shape[:-1])


BINARY = [
    ("BinaryAccuracy", {}),
    ("BinaryAccuracy", {"threshold": 0.375}),
    ("Precision", {}),
    ("Precision", {"thresholds": 0.25}),
    ("Recall", {}),
    ("Recall", {"thresholds": 0.75}),
    ("TruePositives", {}),
    ("TrueNegatives", {"thresholds": 0.375}),
    ("FalsePositives", {}),
    ("FalseNegatives", {"thresholds": 0.625}),
    ("AUC", {}),
    ("AUC", {"num_thresholds": 7}),
    ("AUC", {"curve": "PR"}),
    ("AUC", {"curve": "PR", "num_thresholds": 9, "summation_method": "minoring"}),
    ("AUC", {"num_thresholds": 11, "summation_method": "majoring"}),
    ("SensitivityAtSpecificity", {"specificity": 0.5}),
    ("SpecificityAtSensitivity", {"sensitivity": 0.5, "num_thresholds": 20}),
    ("PrecisionAtRecall", {"recall": 0.5}),
    ("RecallAtPrecision", {"precision": 0.5}),
]
SEVERAL = [
    ("Precision", {"top_k": 2}),
    ("Precision", {"top_k": 2, "class_id": 1}),
    ("Recall", {"top_k": 3, "thresholds": 0.25}),
    ("Recall", {"class_id": 3}),
    ("TopKCategoricalAccuracy", {"k": 2}),
    ("F1Score", {"average": "macro"}),
    ("F1Score", {"average": "micro", "threshold": 0.375}),
    ("F1Score", {"average": "weighted"}),
    ("FBetaScore", {"average": "macro", "beta": 2.0, "threshold": 0.25}),
    ("FBetaScore", {"average": "micro", "beta": 0.5}),
]


def case(rng, name, options, target, prediction, make=None, weighted=True, keras_options=None):
    results = []
    weight = np.abs(exact(rng, prediction.shape[0]))
    for weights in [None, weight]:
        metric = make(options) if make else getattr(M, name)(**{**options, **(keras_options or {})})
        if weights is not None and not weighted:
            continue
        metric.update_state(target, prediction, sample_weight=weights)
        results.append(mean_iou(metric.total_cm, options.get("target_class_ids")) if name.endswith("IoU") else float(np.asarray(metric.result())))
    config = {key: camel(value) if key == "class_aggregation" else value for key, value in options.items()}
    name = {"CosineSimilarity": "CosineSimilarityMetric"}.get(name, name)
    return {
        "name": " ".join([name, *(f"{key} {value}" for key, value in config.items()), f"of {prediction.shape[-1]}"]),
        "metric": name,
        "options": camel_keys(config),
        "prediction": tensor(prediction),
        "target": tensor(target),
        "weight": tensor(weight),
        "results": results,
    }


def mean_iou(matrix, classes=None):
    """Keras counts in the metric's dtype, but divides in float32."""
    matrix = np.asarray(matrix)
    right = np.diag(matrix)
    each = right / (matrix.sum(axis=0) + matrix.sum(axis=1) - right)
    return float((each if classes is None else each[classes]).mean())


def perplexity(rng, options):
    """keras_hub is not installed; its metric is the exponential of a weighted mean of these losses."""
    logits = options.get("from_logits", False)
    prediction = exact(rng, N, C) if logits else distribution(rng, N, C)
    target = labels(rng, N, C)
    weight = np.abs(exact(rng, N))
    loss = np.asarray(keras.losses.sparse_categorical_crossentropy(target, prediction, from_logits=logits))
    results = []
    for weights in [np.ones(N), weight]:
        counted = weights * (target != options.get("mask_token_id", -1))
        results.append(float(np.exp((loss * counted).sum() / counted.sum())))
    return {
        "name": " ".join(["Perplexity", *(f"{key} {value}" for key, value in options.items())]),
        "metric": "Perplexity",
        "options": camel_keys(options),
        "prediction": tensor(prediction),
        "target": tensor(target),
        "weight": tensor(weight),
        "results": results,
    }


def cases(rng):
    for name, options in BINARY:
        for units in (1, 2):
            yield case(rng, name, options, binary(rng, N, units), probability(rng, N, units))
    for name, options in SEVERAL:
        yield case(rng, name, options, one_hot(rng, N, C), distribution(rng, N, C))
    yield case(rng, "AUC", {"from_logits": True}, binary(rng, N, 1), exact(rng, N, 1))
    yield case(rng, "SparseTopKCategoricalAccuracy", {"k": 2}, labels(rng, N, C), distribution(rng, N, C))
    for aggregation in ("uniform_average", "variance_weighted_average"):
        yield case(rng, "R2Score", {"class_aggregation": aggregation}, exact(rng, N, 3), exact(rng, N, 3))
    dense = {"num_classes": C, "sparse_y_pred": False, "dtype": "float64"}
    yield case(rng, "MeanIoU", {}, one_hot(rng, N, C), distribution(rng, N, C), keras_options={**dense, "sparse_y_true": False})
    yield case(rng, "MeanIoU", {}, labels(rng, N, C), distribution(rng, N, C), keras_options=dense)
    yield case(rng, "BinaryIoU", {"threshold": 0.375}, binary(rng, N, 1), probability(rng, N, 1), keras_options={"dtype": "float64"})
    for options in ({}, {"from_logits": True}, {"mask_token_id": 2}):
        yield perplexity(rng, options)


CURVES = [
    {"multi_label": True},
    {"multi_label": True, "num_labels": C, "label_weights": [0.5, 1.0, 0.25, 2.0]},
    {"label_weights": [0.5, 1.0, 0.25, 2.0]},
    {"thresholds": [0.75, 0.125, 0.5]},
    {"thresholds": [0.25, 0.5, 0.75], "curve": "PR", "multi_label": True},
    {"curve": "PR", "multi_label": True, "label_weights": [0.5, 1.0, 0.25, 2.0], "summation_method": "majoring", "num_thresholds": 9},
    {"curve": "PRGAIN", "num_thresholds": 12},
    {"curve": "PRGAIN", "num_thresholds": 7, "multi_label": True, "summation_method": "minoring"},
]


def later_cases(rng):
    for options in CURVES:
        yield case(rng, "AUC", options, binary(rng, N, C), probability(rng, N, C))
    for name in ["CosineSimilarity", "PearsonCorrelation", "ConcordanceCorrelation"]:
        for units in [2, C]:
            yield case(rng, name, {}, exact(rng, N, units), exact(rng, N, units))
    dense = {"num_classes": C, "sparse_y_pred": False, "dtype": "float64"}
    for classes in [[1], [0, 2, 3]]:
        options = {"target_class_ids": classes}
        yield case(rng, "IoU", options, labels(rng, N, C), distribution(rng, N, C), keras_options=dense)
        yield case(rng, "OneHotIoU", options, one_hot(rng, N, C), distribution(rng, N, C), keras_options=dense)
    yield case(rng, "OneHotMeanIoU", {"num_classes": C}, one_hot(rng, N, C), distribution(rng, N, C), keras_options=dense)


def main():
    rng = generator("moreMetrics")
    write("moreMetrics", {"cases": [*cases(rng), *later_cases(generator("moreMetrics later"))]})
