"""The folder of the checkpoints may be one of the user's, with other files in it."""

import json
from pathlib import Path

import pytest
from backtime_scale.checkpoints import Checkpoints
from backtime_scale.errors import ScaleError

RUN = {"seed": 1}


def checkpoint(folder: Path, epoch: int) -> Path:
    made = folder / f"epoch-{epoch:06d}"
    made.mkdir(parents=True)
    (made / "run.json").write_text(json.dumps({"run": RUN, "epoch": epoch}))
    return made


def test_deletes_only_checkpoints(tmp_path: Path) -> None:
    checkpoint(tmp_path, 1)
    (tmp_path / ".epoch-000002.77").mkdir()
    (tmp_path / "epoch-2-notes").mkdir()
    (tmp_path / "data.csv").write_text("x,y\n")
    Checkpoints(tmp_path, RUN).delete()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["data.csv", "epoch-2-notes"]


def test_deletes_a_folder_of_checkpoints_only(tmp_path: Path) -> None:
    folder = tmp_path / "m2.keras.checkpoints"
    checkpoint(folder, 1)
    Checkpoints(folder, RUN).delete()
    assert not folder.exists()
    Checkpoints(folder, RUN).delete()


def test_finds_the_last_one_by_its_number(tmp_path: Path) -> None:
    for epoch in (999_999, 1_000_000):
        checkpoint(tmp_path, epoch)
    (tmp_path / "epoch-9-notes").mkdir()
    assert Checkpoints(tmp_path, RUN).last() == (tmp_path / "epoch-1000000" / "model.keras", 1_000_000)
    with pytest.raises(ScaleError, match="another run: its seed is 1, now 2"):
        Checkpoints(tmp_path, {"seed": 2}).last()
