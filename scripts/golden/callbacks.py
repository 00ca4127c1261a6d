"""EarlyStopping: what Keras's callback does with given numbers of epochs, driven without training."""

import math
import warnings

from common import camel, camel_keys, generator, keras, np, write


class Driven:
    """A model whose one weight is the number of the epoch, as far as a callback sees it."""

    def __init__(self):
        self.model = keras.Sequential([keras.layers.Dense(1, use_bias=False)])
        self.model.compile(loss="mse", metrics=["accuracy", "mae"])
        self.model.train_on_batch(np.zeros((1, 1)), np.zeros((1, 1)))

    def set(self, epoch):
        self.model.set_weights([np.array([[float(epoch)]])])

    @property
    def weight(self):
        return float(self.model.get_weights()[0][0, 0])


def case(driven, options, values, initial_epoch=0):
    """`values` are the monitored numbers of the epochs; None where there is none."""
    callback = keras.callbacks.EarlyStopping(**options)
    callback.set_model(driven.model)
    driven.model.stop_training = False
    driven.set(-1)
    callback.on_train_begin()
    ran = 0
    for epoch, value in enumerate(values, start=initial_epoch):
        driven.set(epoch)
        callback.on_epoch_end(epoch, {} if value is None else {callback.monitor: value})
        ran += 1
        if driven.model.stop_training:
            break
    callback.on_train_end()
    named = camel_keys(options)
    if "monitor" in named:
        named["monitor"] = camel(named["monitor"])
    best = callback.best
    return {
        "options": named,
        "initialEpoch": initial_epoch,
        "values": ["NaN" if value is not None and math.isnan(value) else value for value in values],
        "epochs": ran,
        "stopped": bool(driven.model.stop_training),
        "best": None if best is None or math.isnan(best) else float(best),
        "bestEpoch": None if best is None else int(callback.best_epoch),
        "weight": driven.weight,
    }


def main():
    warnings.simplefilter("ignore")
    rng = generator("callbacks")
    driven = Driven()
    cases = [
        case(driven, {}, [4.0, 3.0, 3.0, 2.0]),
        case(driven, {"monitor": "loss", "patience": 2, "restore_best_weights": True}, [4.0, 3.0, 3.5, 3.0, 2.0]),
        case(driven, {"restore_best_weights": True, "patience": 5}, [4.0, 2.0, 3.0]),
        case(driven, {"min_delta": 0.5, "patience": 1}, [4.0, 3.5, 2.0]),
        case(driven, {"min_delta": -0.5, "patience": 1}, [4.0, 3.25, 2.75, 2.0]),
        case(driven, {"monitor": "val_accuracy", "min_delta": 0.25, "patience": 1, "restore_best_weights": True}, [0.25, 0.5, 0.75, 1.0]),
        case(driven, {"monitor": "mae", "patience": 1}, [0.25, 0.5, 0.75]),
        case(driven, {"monitor": "val_mae", "mode": "max", "patience": 1}, [0.25, 0.5, 0.5]),
        case(driven, {"baseline": 2.0, "patience": 3, "restore_best_weights": True}, [5.0, 4.0, 3.0, 1.0]),
        case(driven, {"baseline": 2.0, "patience": 3}, [1.5, 1.75, 1.25, 1.5, 1.5, 1.5, 1.0]),
        case(driven, {"baseline": 2.0, "patience": 2, "restore_best_weights": True}, [5.0, 6.0, 4.0, 4.5, 1.0]),
        case(driven, {"start_from_epoch": 3, "patience": 1, "restore_best_weights": True}, [1.0, 2.0, 3.0, 5.0, 4.0, 4.0]),
        case(driven, {"start_from_epoch": 3, "restore_best_weights": True}, [1.0, 2.0, 3.0]),
        case(driven, {"start_from_epoch": 3, "patience": 1}, [2.0, 3.0, 3.0], initial_epoch=3),
        case(driven, {"patience": 2, "restore_best_weights": True}, [None, 3.0, None, 4.0, None, 5.0, 1.0]),
        case(driven, {"patience": 2, "restore_best_weights": True}, [math.nan, 1.0, 0.5, 0.25]),
        case(driven, {"patience": 2, "restore_best_weights": True}, [3.0, math.nan, 2.0, math.nan, math.nan]),
        case(driven, {"restore_best_weights": True}, [None, None]),
    ]
    for _ in range(60):
        options = {
            "monitor": str(rng.choice(["val_loss", "loss", "accuracy", "val_accuracy", "val_mae"])),
            "patience": int(rng.integers(0, 4)),
            "min_delta": float(rng.choice([0.0, 0.0, 0.125, 0.25, -0.25])),
            "restore_best_weights": bool(rng.integers(0, 2)),
            "start_from_epoch": int(rng.choice([0, 0, 2])),
        }
        if rng.random() < 0.3:
            options["baseline"] = float(rng.integers(0, 9) / 8)
        if rng.random() < 0.3:
            options["mode"] = str(rng.choice(["min", "max"]))
        # Few different values, so that many are equal or differ by exactly min_delta.
        values = [None if rng.random() < 0.1 else float(value / 8) for value in rng.integers(0, 9, 12)]
        cases.append(case(driven, options, values, initial_epoch=int(rng.choice([0, 0, 1]))))
    write("callbacks", {"earlyStopping": cases})
