"""ReduceLROnPlateau, LearningRateScheduler and TerminateOnNaN: what Keras's callbacks do with given numbers, without training."""

import contextlib
import io
import math
import warnings

from common import camel, camel_keys, generator, keras, np, write


def compiled(rate):
    model = keras.Sequential([keras.layers.Dense(1, use_bias=False)])
    model.compile(optimizer=keras.optimizers.SGD(rate), loss="mse", metrics=["accuracy", "mae"])
    model.train_on_batch(np.zeros((1, 1)), np.zeros((1, 1)))
    return model


def plateau(options, values, rate=0.5):
    """`values` are the monitored numbers of the epochs; None where there is none."""
    model = compiled(rate)
    callback = keras.callbacks.ReduceLROnPlateau(**options)
    callback.set_model(model)
    callback.on_train_begin()
    logged, rates = [], []
    for epoch, value in enumerate(values):
        logs = {"other": 1.0} if value is None else {callback.monitor: value}
        callback.on_epoch_end(epoch, logs)
        logged.append(logs["learning_rate"])
        rates.append(float(model.optimizer.learning_rate))
    named = camel_keys(options)
    if "monitor" in named:
        named["monitor"] = camel(named["monitor"])
    best = callback.best
    return {
        "options": named,
        "rate": rate,
        "values": ["NaN" if value is not None and math.isnan(value) else value for value in values],
        "logged": logged,
        "rates": rates,
        "best": None if best is None or math.isnan(best) else float(best),
    }


def schedule(kind, rate=0.5, epochs=6, initial_epoch=0):
    schedules = {
        "decay": lambda epoch, lr: lr * 0.5 if epoch > 1 else lr,
        "steps": lambda epoch, lr: 1.0 / (epoch + 1),
    }
    model = compiled(rate)
    callback = keras.callbacks.LearningRateScheduler(schedules[kind])
    callback.set_model(model)
    rates = []
    for epoch in range(initial_epoch, epochs):
        callback.on_epoch_begin(epoch)
        logs = {"other": 1.0}
        callback.on_epoch_end(epoch, logs)
        rates.append(logs["learning_rate"])
    return {"kind": kind, "rate": rate, "initialEpoch": initial_epoch, "epochs": epochs, "rates": rates}


def terminate(losses):
    model = compiled(0.5)
    callback = keras.callbacks.TerminateOnNaN()
    callback.set_model(model)
    model.stop_training = False
    stopped = []
    with contextlib.redirect_stdout(io.StringIO()):
        for batch, loss in enumerate(losses):
            callback.on_batch_end(batch, {"loss": loss})
            stopped.append(bool(model.stop_training))
    return {"losses": [loss if math.isfinite(loss) else str(loss).replace("nan", "NaN").replace("inf", "Infinity") for loss in losses], "stopped": stopped}


def main():
    warnings.simplefilter("ignore")
    rng = generator("plateaus")
    cases = [
        plateau({"patience": 1}, [4.0, 3.0, 3.0, 3.0, 2.0, 2.0]),
        plateau({"patience": 0}, [4.0, 3.0, 3.0, 2.0]),
        plateau({"patience": 2, "factor": 0.5, "cooldown": 2}, [3.0] * 12),
        plateau({"patience": 1, "factor": 0.25, "min_lr": 0.125}, [3.0] * 5),
        plateau({"patience": 1, "factor": 0.5, "min_lr": 0.5}, [3.0] * 5),
        plateau({"patience": 1, "factor": 0.0}, [3.0] * 4),
        plateau({"patience": 1, "factor": 0.5, "min_delta": 0.5}, [4.0, 3.5, 2.75, 2.5, 2.0]),
        plateau({"patience": 1, "factor": 0.5, "min_delta": -0.5}, [4.0, 3.5, 2.75, 2.5, 2.0]),
        plateau({"monitor": "val_accuracy", "patience": 1, "factor": 0.5, "cooldown": 1}, [0.5, 0.25, 0.5, 0.75, 0.5, 0.5]),
        plateau({"monitor": "mae", "mode": "max", "patience": 1, "factor": 0.5}, [0.5, 0.25, 0.75, 0.5]),
        plateau({"patience": 1, "factor": 0.5}, [None, 3.0, None, 4.0, None, 5.0]),
        plateau({"patience": 2, "factor": 0.5}, [math.nan, 1.0, 0.5, math.nan]),
    ]
    for _ in range(40):
        options = {
            "monitor": str(rng.choice(["val_loss", "loss", "accuracy", "val_accuracy", "val_mae"])),
            "patience": int(rng.integers(0, 4)),
            "factor": float(rng.choice([0.5, 0.25, 0.0])),
            "min_delta": float(rng.choice([0.0, 0.125, 0.25, -0.25])),
            "cooldown": int(rng.integers(0, 3)),
            "min_lr": float(rng.choice([0.0, 0.0625, 0.125])),
        }
        if rng.random() < 0.3:
            options["mode"] = str(rng.choice(["min", "max"]))
        # Few different values, so that many are equal or differ by exactly min_delta.
        values = [None if rng.random() < 0.1 else float(value / 8) for value in rng.integers(0, 9, 14)]
        cases.append(plateau(options, values))
    write(
        "plateaus",
        {
            "plateaus": cases,
            "schedules": [schedule("decay"), schedule("steps"), schedule("steps", initial_epoch=2)],
            "terminations": [terminate([1.0, 0.5]), terminate([1.0, math.nan, 1.0]), terminate([math.inf, 1.0])],
        },
    )
