"""ModelCheckpoint and CSVLogger: when and where Keras's callbacks save, and the rows that they write, without training."""

import math
import pathlib
import tempfile
import warnings

from common import camel, camel_keys, generator, keras, np, write


class Saved:
    """A model that writes down the paths that it is saved to."""

    def __init__(self):
        self.model = keras.Sequential([keras.layers.Dense(1, use_bias=False)])
        self.model.compile(loss="mse", metrics=["accuracy", "mae"])
        self.model.train_on_batch(np.zeros((1, 1)), np.zeros((1, 1)))
        self.paths = []
        self.model.save = lambda path, overwrite: self.paths.append(path)


def camel_path(path):
    return path.replace("val_loss", "valLoss").replace("val_mae", "valMae").replace("val_accuracy", "valAccuracy").replace(".keras", ".safetensors")


def checkpoint(path, options, epochs):
    """`epochs` are the numbers of each epoch: those of its batches, then those of its end."""
    saved = Saved()
    callback = keras.callbacks.ModelCheckpoint(path, **options)
    callback.set_model(saved.model)
    # Keras knows which numbers are better only at the end of an epoch.
    callback._set_monitor_op()
    callback.on_train_begin()
    paths = []
    for epoch, (batches, logs) in enumerate(epochs):
        callback.on_epoch_begin(epoch)
        for batch, batch_logs in enumerate(batches):
            callback.on_train_batch_end(batch, batch_logs)
        callback.on_epoch_end(epoch, logs)
        paths.append([camel_path(path) for path in saved.paths])
        saved.paths.clear()
    named = camel_keys(options)
    if "monitor" in named:
        named["monitor"] = camel(named["monitor"])
    best = callback.best
    return {
        "path": camel_path(path),
        "options": named,
        "epochs": [{"batches": [named_logs(batch) for batch in batches], "logs": named_logs(logs)} for batches, logs in epochs],
        "paths": paths,
        "best": None if best is None or math.isnan(best) else float(best),
    }


def named_logs(logs):
    return {camel(name): "NaN" if math.isnan(value) else value for name, value in logs.items()}


def ends(name, values):
    return [([], {"other": 1.0} if value is None else {name: value}) for value in values]


def csv(epochs, separator=",", append=None):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "log.csv"
        if append is not None:
            path.write_bytes(append.encode())
        callback = keras.callbacks.CSVLogger(str(path), separator=separator, append=append is not None)
        callback.on_train_begin()
        for epoch, logs in enumerate(epochs):
            callback.on_epoch_end(epoch, logs)
        callback.on_train_end()
        text = path.read_bytes().decode()
    for name in ["val_loss", "val_accuracy"]:
        text = text.replace(name, camel(name))
    before = append.replace("val_loss", "valLoss") if append is not None else None
    return {"epochs": [camel_keys(logs) for logs in epochs], "separator": separator, "before": before, "text": text}


def main():
    warnings.simplefilter("ignore")
    rng = generator("checkpoints")
    best = {"save_best_only": True}
    cases = [
        checkpoint("model.keras", {}, ends("val_loss", [3.0, 4.0, 2.0])),
        checkpoint("a/{epoch}-{val_loss}.keras", {}, ends("val_loss", [3.5, 4.25])),
        checkpoint("{epoch:02d}-{val_loss:.2f}.keras", {}, ends("val_loss", [3.126, 4.0])),
        checkpoint("{epoch:3d}-{val_loss:.1f}.keras", {}, ends("val_loss", [0.015, 400.375])),
        checkpoint("model.keras", best, ends("val_loss", [3.0, 4.0, 3.0, 2.0])),
        checkpoint("{epoch}.keras", {**best, "initial_value_threshold": 2.5}, ends("val_loss", [3.0, 2.5, 2.0, 2.25])),
        checkpoint("{epoch}.keras", {**best, "monitor": "val_accuracy"}, ends("val_accuracy", [0.5, 0.25, 0.75, 0.75])),
        checkpoint("{epoch}.keras", {**best, "monitor": "val_mae", "mode": "max"}, ends("val_mae", [0.5, 0.25, 0.75])),
        checkpoint("{epoch}.keras", best, ends("val_loss", [None, 3.0, None, 4.0])),
        checkpoint("{epoch}.keras", best, ends("val_loss", [math.nan, 3.0, 2.0])),
        checkpoint("{epoch}.keras", best, ends("val_loss", [3.0, math.nan, 2.0])),
    ]
    for save_freq in [1, 2, 3, 5, 8]:
        epochs = [([{"loss": float(rng.integers(1, 8) / 8)} for _ in range(4)], {"loss": 0.5}) for _ in range(3)]
        cases.append(checkpoint("{epoch}-{batch}-{loss}.keras", {"save_freq": save_freq}, epochs))
        cases.append(checkpoint("{epoch}-{batch}.keras", {"save_freq": save_freq, "monitor": "loss", **best}, epochs))
    for _ in range(30):
        options = {
            "monitor": str(rng.choice(["val_loss", "loss", "accuracy", "val_accuracy", "val_mae"])),
            "save_best_only": True,
        }
        if rng.random() < 0.3:
            options["initial_value_threshold"] = float(rng.integers(0, 9) / 8)
        if rng.random() < 0.3:
            options["mode"] = str(rng.choice(["min", "max"]))
        values = [None if rng.random() < 0.1 else float(value / 8) for value in rng.integers(0, 9, 10)]
        cases.append(checkpoint("{epoch}.keras", options, ends(options["monitor"], values)))
    with_validation = [{"loss": 0.5, "val_loss": 0.75, "accuracy": 0.25}, {"loss": 0.25, "val_loss": 0.5, "accuracy": 0.125}]
    later = [{"loss": 0.5, "accuracy": 0.25}, {"loss": 0.25, "val_loss": 0.5, "accuracy": 0.5, "val_accuracy": 0.75}]
    write(
        "checkpoints",
        {
            "checkpoints": cases,
            "logs": [
                csv(with_validation),
                csv(with_validation, separator=";"),
                csv(later),
                csv(with_validation[1:], append="epoch,accuracy,loss,val_loss\r\n0,0.25,0.5,0.75\r\n"),
                csv(with_validation, append=""),
            ],
        },
    )
