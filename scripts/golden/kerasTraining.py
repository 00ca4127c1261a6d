"""Compiled models as `.keras` files, after a step of training, and the losses and weights of two more steps."""

from common import exact, keras, np, tensor
from kerasCases import Cases
from kerasFiles import in_both_types, saved, series

L = keras.layers
case = Cases()


def trained(model32, model64, inputs, targets):
    """One step before the file is written, and the losses and weights of two more."""
    x, y = (values if len(values) > 1 else values[0] for values in (inputs, targets))
    if isinstance(model32.loss, dict):
        y = dict(zip(model32.loss, targets, strict=True))
    for model in (model32, model64):
        # Compiling a step takes longer than all steps.
        model.run_eagerly = True
    model32.train_on_batch(x, y)
    model64.set_weights([np.asarray(value) for value in model32.get_weights()])
    model64.optimizer.build(model64.trainable_variables)
    for to, of in zip(model64.optimizer.variables, model32.optimizer.variables, strict=True):
        to.assign(np.asarray(of))
    file = saved(model32)
    losses = [float(np.ravel(model64.train_on_batch(x, y))[0]) for _ in range(2)]
    return file, {"targets": [tensor(each) for each in targets], "losses": losses, "weights": [tensor(each) for each in model64.get_weights()]}


def made(name, build, inputs, targets):
    model32, model64, rng = in_both_types(name, build)
    x, y = inputs(rng), targets(rng)
    file, training = trained(model32, model64, x, y)
    return {"name": name, "file": file, "inputs": [tensor(each) for each in x], **training}


def trained_chain(name, optimizer, loss="mse", targets=lambda rng: [exact(rng, 3, 2)], last=None, **options):
    """A small recurrent model that is trained; functions make the optimizer and the loss."""

    def build():
        layers = [L.GRU(3, kernel_regularizer="l2"), last() if last else L.Dense(2)]
        model = keras.Sequential([keras.Input((None, 3)), *layers])
        model.compile(optimizer(), loss=loss() if callable(loss) else loss, **options)
        return model

    build.__name__ = name
    case(build, inputs=series(3, 4, 3), targets=targets)


O = keras.optimizers
S = keras.optimizers.schedules
classes = lambda rng: [rng.integers(0, 3, size=(3,))]  # noqa: E731
trained_chain("train_adam", lambda: O.Adam(0.01), metrics=["mae", "mse"])
trained_chain("train_adamw", lambda: O.AdamW(0.01, weight_decay=0.1))
trained_chain("train_amsgrad", lambda: O.Adam(0.01, amsgrad=True, beta_1=0.8))
trained_chain("train_sgd", lambda: O.SGD(0.1))
trained_chain("train_momentum", lambda: O.SGD(S.ExponentialDecay(0.1, 2, 0.5), momentum=0.9, nesterov=True, global_clipnorm=0.5))
trained_chain("train_rmsprop", lambda: O.RMSprop(0.01, momentum=0.5, centered=True, rho=0.8))
trained_chain("train_adagrad", lambda: O.Adagrad(0.1))
trained_chain("train_adadelta", lambda: O.Adadelta(0.5, weight_decay=0.01))
trained_chain("train_adamax", lambda: O.Adamax(S.CosineDecay(0.1, 10, warmup_target=0.2, warmup_steps=2)))
trained_chain("train_nadam", lambda: O.Nadam(0.02))
trained_chain("train_lion", lambda: O.Lion(0.01, clipvalue=0.1))
trained_chain("train_ftrl", lambda: O.Ftrl(0.1, l1_regularization_strength=0.01))
trained_chain("train_average", lambda: O.SGD(0.1, momentum=0.5, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=2))
trained_chain("train_accumulated", lambda: O.Adam(0.01, gradient_accumulation_steps=2))
trained_chain("train_classes", lambda: O.Adam(0.01), "sparse_categorical_crossentropy", classes, lambda: L.Dense(3, activation="softmax"), metrics=["accuracy", keras.metrics.SparseTopKCategoricalAccuracy(2)])
trained_chain("train_logits", lambda: O.Adam(0.01), lambda: keras.losses.SparseCategoricalCrossentropy(from_logits=True), classes, lambda: L.Dense(3), weighted_metrics=["acc"])
trained_chain("train_smoothed", lambda: O.Adam(0.01), lambda: keras.losses.BinaryCrossentropy(label_smoothing=0.1), lambda rng: [rng.integers(0, 2, size=(3, 2)).astype("float64")], lambda: L.Dense(2, activation="sigmoid"), metrics=["binary_accuracy", keras.metrics.AUC(num_thresholds=50, name="area"), keras.metrics.Precision(thresholds=0.4)])
trained_chain("train_focal", lambda: O.Adam(0.01), lambda: keras.losses.BinaryFocalCrossentropy(gamma=1.5), lambda rng: [rng.integers(0, 2, size=(3, 2)).astype("float64")], lambda: L.Dense(2, activation="sigmoid"))
trained_chain("train_huber", lambda: O.Adam(0.01), "huber", metrics=[keras.metrics.RootMeanSquaredError(), keras.metrics.R2Score()])
trained_chain("train_frozen", lambda: O.Adam(0.01), last=lambda: L.Dense(2, trainable=False))


@case(inputs=lambda rng: [exact(rng, 3, 4, 3)], targets=lambda rng: [exact(rng, 3, 2), rng.integers(0, 3, size=(3,))])
def train_two_outputs():
    x = keras.Input((4, 3))
    y = L.BatchNormalization()(L.LSTM(3)(x))
    model = keras.Model(x, [L.Dense(2, name="value")(y), L.Dense(3, activation="softmax", name="kind")(y)])
    model.compile(O.RMSprop(0.01), loss=["mse", "sparse_categorical_crossentropy"], loss_weights=[0.5, 2.0], metrics=[["mae"], ["accuracy"]])
    return model


@case(inputs=lambda rng: [exact(rng, 3, 4, 3)], targets=lambda rng: [exact(rng, 3, 1), exact(rng, 3, 2)])
def train_outputs_by_name():
    x = keras.Input((4, 3))
    y = L.GRU(3)(x)
    model = keras.Model(x, {"other": L.Dense(1, name="other")(y), "value": L.Dense(2, name="value")(y)})
    model.compile(O.Adam(0.01), loss={"other": "mae", "value": "mse"}, loss_weights={"other": 0.5, "value": 1.0}, metrics={"other": "mse"})
    return model


def main():
    case.write("kerasTraining", made)
