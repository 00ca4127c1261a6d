"""The engine jax: what it computes, and that it survives what happens to processes."""

import contextlib
import json
import os
import signal
import subprocess

import pytest
from backtime_scale.errors import ScaleError
from backtime_scale.predict import PredictOptions, Predictor
from conftest import GOLDEN, TIMEOUT_SECONDS, command, distance, environment, run, weights


@pytest.mark.parametrize("name", ["step", "texts"])
def test_a_step_is_that_of_backtime(name, tmp_path):
    if name == "texts":
        pytest.importorskip("tensorflow", reason="TensorFlow is not installed: pip install './scale[texts]'")
    run("train", GOLDEN / f"{name}.keras", GOLDEN / f"{name}.csv", "--out", tmp_path / "one.keras", "--batch-size", 8)
    trained = weights(tmp_path / "one.keras")
    assert distance(trained, golden(name)["weights"]) < 1e-5
    assert distance(trained, weights(GOLDEN / f"{name}.keras")) > 0.01


def golden(name):
    return json.loads((GOLDEN / f"{name}.json").read_text())


@pytest.mark.parametrize("name", ["step", "texts"])
def test_predictions_are_those_of_backtime(name, tmp_path):
    import numpy as np

    if name == "texts":
        pytest.importorskip("tensorflow", reason="TensorFlow is not installed: pip install './scale[texts]'")
    predictor = Predictor(PredictOptions(str(GOLDEN / f"{name}.keras"), str(GOLDEN / f"{name}.csv"), "", 4, 1, (), "jax"))
    answers = predictor({"start": [2], "stop": [8]})
    assert answers["row"].tolist() == list(range(2, 8))
    assert np.abs(np.array(answers["prediction"]) - golden(name)["predictions"][2:]).max() < 1e-5


@pytest.fixture
def two_heads(tmp_path):
    """Makes options to predict by a model that gives two linear outputs of `data.npz`, in a structure."""
    import keras
    import numpy as np

    np.savez(tmp_path / "data.npz", x=np.arange(15, dtype="float32").reshape(5, 3))

    def make(structure, names=("near", "far")):
        x = keras.Input((3,))
        model = keras.Model(x, structure(*(keras.layers.Dense(units, name=name)(x) for units, name in zip((1, 2), names, strict=True))))
        model.save(tmp_path / "model.keras")
        return PredictOptions(str(tmp_path / "model.keras"), str(tmp_path / "data.npz"), "", 2, 1, (), "jax")

    return make


@pytest.mark.parametrize(
    ("structure", "columns"),
    [(lambda near, far: {"z": near, "b": far}, ["z", "b"]), (lambda near, far: [near, far], ["near", "far"]), (lambda near, _: {"z": near}, ["z"])],
)
def test_each_output_has_a_column(two_heads, structure, columns):
    import keras
    import numpy as np

    options = two_heads(structure)
    answers = Predictor(options)({"start": [1], "stop": [4]})
    assert set(answers) == {"row", *columns}
    layers = keras.saving.load_model(options.model).layers[1:]
    x = np.load(options.data)["x"][1:4]
    for column, name in zip(columns, ["near", "far"], strict=False):
        layer = next(layer for layer in layers if layer.name == name)
        assert np.abs(np.array(answers[column]) - np.asarray(layer(x))).max() < 1e-5


def test_an_output_called_row_is_refused_before_a_worker_starts(two_heads):
    for options in [two_heads(lambda near, far: {"row": near, "far": far}), two_heads(lambda row, far: [row, far], ("row", "far"))]:
        with pytest.raises(ScaleError, match="differ from row") as refused:
            Predictor(options)
        assert refused.value.code == "MODEL"


def test_a_model_of_texts_goes_on_after_a_kill_and_keeps_its_vocabulary(tmp_path):
    pytest.importorskip("tensorflow", reason="TensorFlow is not installed: pip install './scale[texts]'")
    arguments = ["train", GOLDEN / "texts.keras", GOLDEN / "texts.csv", "--batch-size", 4]
    run(*arguments, "--epochs", 3, "--out", tmp_path / "whole.keras")
    kill_after_first_epoch([*arguments, "--epochs", 100000, "--out", tmp_path / "killed.keras"])
    [start, *_] = run(*arguments, "--epochs", 1, "--out", tmp_path / "killed.keras")
    assert start["fromEpoch"] >= 1
    from keras.saving import load_model

    assert load_model(tmp_path / "whole.keras").layers[0].get_vocabulary() == load_model(GOLDEN / "texts.keras").layers[0].get_vocabulary()
    [error] = run("train", GOLDEN / "texts.keras", GOLDEN / "step.csv", "--out", tmp_path / "no.keras", "--features", "c0", code=1)
    assert error["code"] == "DATA" and "takes texts, but its column has numbers" in error["message"]


@pytest.fixture(scope="module")
def one_process(small):
    """The model of a run that nothing happened to."""
    run("train", small / "model.keras", small / "data.npz", "--out", small / "one.keras", "--epochs", 4, "--shards", 2)
    return weights(small / "one.keras")


def events_with_a_kill(small, out, after):
    """The events of a run of two workers, of which the second is killed after the first event of a kind."""
    arguments = command("train", small / "model.keras", small / "data.npz", "--out", out, "--epochs", 4, "--workers", 2, "--json")
    killed, events = False, []
    with subprocess.Popen(arguments, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            events.append(json.loads(line))
            if events[-1]["event"] == "workers":
                workers = events[-1]["processes"]
            if events[-1]["event"] == after and not killed:
                killed = True
                # At the end of a run the worker may have ended, too; what the tests expect of a restart tells.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(workers[1], signal.SIGKILL)
        assert process.wait(TIMEOUT_SECONDS) == 0
    return events


def test_two_processes_and_a_worker_that_is_killed_give_the_weights_of_one(small, one_process):
    out = small / "two.keras"
    events = events_with_a_kill(small, out, after="epoch")
    assert [event["how"] for event in events if event["event"] == "restart"] == ["was ended by SIGKILL"]
    starts = [event["fromEpoch"] for event in events if event["event"] == "start"]
    assert starts[0] == 0 and starts[1] >= 1
    assert distance(weights(out), one_process) < 1e-5
    assert not (small / "two.keras.checkpoints").exists()


def test_a_worker_that_is_killed_at_its_end_costs_no_epoch(small, one_process):
    out = small / "late.keras"
    events = events_with_a_kill(small, out, after="result")
    # The worker may have ended before.
    assert {event["fromEpoch"] for event in events if event["event"] == "start"} <= {0, 4}
    assert [event["fromEpoch"] for event in events if event["event"] == "start"][0] == 0
    assert [event["epoch"] for event in events if event["event"] == "epoch"] == [1, 2, 3, 4]
    assert distance(weights(out), one_process) < 1e-5
    assert not (small / "late.keras.checkpoints").exists()


def test_a_checkpoint_of_another_run_is_refused_and_kept(small, one_process):
    out = small / "other.keras"
    arguments = ["train", small / "model.keras", small / "data.npz", "--out", out, "--shards", 2]
    kill_after_first_epoch([*arguments, "--epochs", 4000])
    [error] = run(*arguments, "--epochs", 4, "--seed", 2, code=1)
    assert error["code"] == "CHECKPOINT" and "seed is 1, now 2" in error["message"]
    events = run(*arguments, "--epochs", 4)
    assert events[0]["fromEpoch"] >= 1
    if events[0]["fromEpoch"] <= 4:
        assert distance(weights(out), one_process) < 1e-5


def kill_after_first_epoch(arguments):
    with subprocess.Popen(command(*arguments, "--json"), env=environment(), stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if json.loads(line)["event"] == "epoch":
                process.kill()
                break


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["absent.keras", "data.npz", "--out", "m.keras"], "MODEL", "does not exist"),
        (["data.npz", "data.npz", "--out", "m.keras"], "MODEL", "Keras cannot load"),
        (["model.keras", "absent", "--out", "m.keras"], "DATA", "does not exist"),
        (["model.keras", "data.npz", "--out", "m.safetensors"], "OPTION", "must end in .keras"),
        (["model.keras", "data.npz", "--out", "m.keras", "--batch-size", "31", "--workers", "2"], "OPTION", "multiple of the 2 shards"),
        (["model.keras", "data.npz", "--out", "m.keras", "--features", "y", "--target", "x"], "DATA", "has shape [6, 3]"),
    ],
)
def test_errors_of_users_are_plain(small, arguments, code, message):
    given = [str(small / name) if name.endswith((".keras", ".npz", ".safetensors")) else name for name in arguments]
    error = run("train", *given, code=1)[-1]
    assert (error["event"], error["code"]) == ("error", code)
    assert message in error["message"]


def test_help_loads_no_engine():
    code = "import sys, backtime_scale.__main__ as m\ntry: m.main(['train', '--help'])\nexcept SystemExit: pass\nassert not {'keras', 'jax', 'ray', 'torch', 'numpy', 'pyarrow'} & set(sys.modules)"
    subprocess.run([command()[0], "-c", code], env=environment(), check=True, capture_output=True)
