"""Classes that losses ignore, in models of several outputs, with masks and weights of samples: losses and weights after training."""

from common import exact, generator, keras, np, set_exact_weights, tensor, write

L = keras.layers
B, T, D, V, TAGS, KINDS = 5, 6, 3, 7, 4, 3


def model():
    source = keras.Input((T,), dtype="int32")
    words = L.Embedding(V, D, mask_zero=True, name="words")(source)
    plain = L.Embedding(V, D, name="plain")(source)
    tags = L.Dense(TAGS, activation="softmax", name="tags")(L.LSTM(D, return_sequences=True, name="each")(words))
    kind = L.Dense(KINDS, activation="softmax", name="kind")(L.GRU(D, name="last")(words))
    free = L.Dense(TAGS, name="free")(L.SimpleRNN(D, return_sequences=True, name="other")(plain))
    return keras.Model(source, {"tags": tags, "kind": kind, "free": free})


def case(rng, name, change=lambda y: None, weighted=False, batch_size=2):
    made = model()
    for layer in made.layers:
        if layer.weights:
            set_exact_weights(layer, rng)
    x = rng.integers(1, V, size=(B, T)).astype("int32")
    x[0, 4:] = 0
    x[1, :3] = 0
    x[3, :] = 0
    y = {
        "tags": rng.integers(0, TAGS, size=(B, T)).astype("int32"),
        "kind": rng.integers(-1, KINDS, size=(B,)).astype("int32"),
        "free": rng.integers(0, TAGS, size=(B, T)).astype("int32"),
    }
    change(y)
    crossentropy = keras.losses.SparseCategoricalCrossentropy
    losses = {"tags": crossentropy(ignore_class=2), "kind": crossentropy(ignore_class=-1), "free": crossentropy(ignore_class=0, from_logits=True)}
    made.compile(optimizer=keras.optimizers.SGD(0.25), loss=losses, loss_weights={"tags": 1.0, "kind": 0.5, "free": 2.0})
    weights = {layer.name: [tensor(weight) for weight in layer.get_weights()] for layer in made.layers if layer.weights}
    sample_weight = {each: np.abs(exact(rng, *y[each].shape)) for each in y} if weighted else None
    before = made.evaluate(x, y, sample_weight=sample_weight, batch_size=B, verbose=0, return_dict=True)
    history = made.fit(x, y, sample_weight=sample_weight, batch_size=batch_size, epochs=2, shuffle=False, verbose=0).history
    return {
        "name": name,
        "x": tensor(x),
        "y": {each: tensor(values) for each, values in y.items()},
        "sampleWeight": None if sample_weight is None else {each: tensor(values) for each, values in sample_weight.items()},
        "batchSize": batch_size,
        "weights": weights,
        "loss": float(before["loss"]),
        "losses": {each: float(before[f"{each}_loss"]) for each in y},
        "history": [float(loss) for loss in history["loss"]],
        "after": {layer.name: [tensor(weight) for weight in layer.get_weights()] for layer in made.layers if layer.weights},
    }


def ignore_all(y):
    y["tags"][:2] = 2
    y["kind"][:2] = -1


def main():
    rng = generator("ignoredClasses")
    write(
        "ignoredClasses",
        {
            "cases": [
                case(rng, "some classes", batch_size=B),
                case(rng, "batches with a last one of one row"),
                case(rng, "a batch whose classes are all ignored", ignore_all),
                case(rng, "weights of samples", weighted=True, batch_size=3),
            ]
        },
    )
