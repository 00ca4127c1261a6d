"""Training and searches on a Ray cluster that is started on this machine."""

import json
import os
import shutil
import signal
import subprocess
import zipfile
from importlib.util import find_spec

import pytest
from conftest import GOLDEN, PACKAGE, TIMEOUT_SECONDS, command, distance, environment, run, weights

pytest.importorskip("ray", reason="Ray is not installed: pip install './scale[ray]'")
CLI = PACKAGE.parent / "dist" / "command" / "cli.js"
SNIPPETS = PACKAGE.parent / "examples" / "data" / "movie-snippets" / "movie-snippets.tsv"


# Not imported here: PyTorch ends a process that has loaded TensorFlow, as other tests do.
@pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed: pip install './scale[torch]'")
def test_two_ray_workers_of_which_one_is_killed_give_the_weights_of_one_process(small):
    flags = ["--epochs", 3]
    run("train", small / "model.keras", small / "data.npz", "--out", small / "alone.keras", "--shards", 2, *flags)
    out = small / "ray.keras"
    arguments = command("train", small / "model.keras", small / "data.npz", "--out", out, "--workers", 2, "--engine", "ray", "--json", *flags)
    killed, events = False, []
    with subprocess.Popen(arguments, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            events.append(json.loads(line))
            if events[-1]["event"] == "epoch" and not killed:
                killed = True
                workers = next(event["processes"] for event in events if event["event"] == "workers")
                os.kill(workers[1], signal.SIGKILL)
        assert process.wait(TIMEOUT_SECONDS) == 0
    assert events[-1]["event"] == "result"
    starts = [event["fromEpoch"] for event in events if event["event"] == "start"]
    # Lines come late: the worker may be killed after any epoch, and at its end.
    assert starts[0] == 0 and (len(starts) == 1 or starts[1] >= 1)
    assert not (small / "ray.keras.checkpoints").exists()
    # Else the file would only load where PyTorch is.
    config = json.loads(zipfile.ZipFile(out).read("config.json"))
    assert config["compile_config"]["optimizer"]["module"] == "keras.optimizers"
    assert distance(weights(out), weights(small / "alone.keras")) < 1e-5


@pytest.mark.skipif(find_spec("torch") is None or find_spec("tensorflow") is None, reason="needs PyTorch and TensorFlow: pip install './scale[torch,texts]'")
def test_a_model_of_texts_gets_the_weights_of_one_process(tmp_path):
    arguments = ["train", GOLDEN / "texts.keras", GOLDEN / "texts.csv", "--batch-size", 4, "--epochs", 2]
    run(*arguments, "--shards", 2, "--out", tmp_path / "alone.keras")
    run(*arguments, "--engine", "ray", "--workers", 2, "--out", tmp_path / "ray.keras")
    assert distance(weights(tmp_path / "ray.keras"), weights(tmp_path / "alone.keras")) < 1e-5


@pytest.mark.skipif(shutil.which("node") is None or not CLI.exists(), reason="needs Node and dist/: npm run build")
def test_a_sweep_of_eight_trials_ends_with_a_table_and_the_best_model(tmp_path):
    space = {"task": "classify-text", "units": [4, 8], "learning-rate": {"log": [0.00001, 0.02]}, "patience": 0}
    (tmp_path / "space.json").write_text(json.dumps(space))
    events = run(
        "sweep", SNIPPETS, "--space", tmp_path / "space.json", "--out", tmp_path / "sweep", "--trials", 8, "--epochs", 3, "--grace-epochs", 1, "--backtime", f"node {CLI}"
    )
    rows = [event for event in events if event["event"] == "row"]
    assert len(rows) == 8
    assert [row["best"] for row in rows] == sorted(row["best"] for row in rows)
    assert rows[0]["ended"] == "finished" and rows[0]["epochs"] == 3
    assert any(row["ended"] == "stopped early" and row["epochs"] < 3 for row in rows)
    assert len({row["flags"]["learning-rate"] for row in rows}) == 8
    inspected = subprocess.run(["node", CLI, "inspect", events[-1]["model"], "--json"], check=True, capture_output=True, text=True)
    assert json.loads(inspected.stdout)["event"] == "model"


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "must hold an object"),
        ('{"model": "m"}', "leave it out"),
        ('{"units": []}', "without values"),
        ('{"units": {"log": [0, 1]}}', "low < high"),
        ('{"units": {"int": [3, 3]}}', "low < high"),
    ],
)
def test_a_space_that_is_none_is_named(tmp_path, space, message):
    (tmp_path / "space.json").write_text(space)
    [error] = run("sweep", GOLDEN / "step.csv", "--space", tmp_path / "space.json", code=1)
    assert error["code"] == "SPACE" and message in error["message"]


def test_predictions_by_two_workers_are_those_of_the_model(small, tmp_path):
    import keras
    import numpy as np
    import pyarrow.parquet

    run("predict", small / "model.keras", small / "data.npz", "--out", tmp_path / "results", "--batch-size", 4, "--workers", 2)
    table = pyarrow.parquet.read_table(tmp_path / "results").sort_by("row")
    assert table["row"].to_pylist() == list(range(203))
    expected = keras.saving.load_model(small / "model.keras").predict(np.load(small / "data.npz")["x"], verbose=0)
    assert np.abs(np.array(table["prediction"].to_pylist()) - expected).max() < 1e-5
    [error] = run("predict", small / "model.keras", small / "data.npz", "--out", tmp_path / "results", code=1)
    assert "must be a new or an empty folder" in error["message"]
