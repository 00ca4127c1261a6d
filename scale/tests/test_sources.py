"""Reading of ranges of rows, and which rows stand in which batch."""

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from backtime_scale.batches import Batches, Fields
from backtime_scale.errors import ScaleError
from backtime_scale.sources import DataSet


class Tensor:
    def __init__(self, name, shape, dtype="float32"):
        self.name, self.shape, self.dtype = name, shape, dtype


class Model:
    def __init__(self, *inputs):
        self.inputs = inputs


VALUES = np.arange(30, dtype="float64")


def parquet(folder):
    for part, (start, stop) in enumerate([(0, 13), (13, 14), (14, 30)]):
        table = pa.table({"a": VALUES[start:stop], "s": [[v, v + 0.5] for v in VALUES[start:stop]]})
        pyarrow.parquet.write_table(table, folder / f"part-{part}.parquet", row_group_size=4)
    return DataSet(str(folder))


def csv(folder):
    for part, (start, stop) in enumerate([(0, 13), (13, 30)]):
        pyarrow.csv.write_csv(pa.table({"a": VALUES[start:stop], "b": np.arange(start, stop)}), folder / f"part-{part}.csv")
    return DataSet(str(folder))


def npz(folder):
    np.savez_compressed(folder / "part-0.npz", a=VALUES[:13], s=np.stack([VALUES[:13], VALUES[:13] + 0.5], 1))
    np.savez(folder / "part-1.npz", a=VALUES[13:], s=np.stack([VALUES[13:], VALUES[13:] + 0.5], 1))
    return DataSet(str(folder))


@pytest.mark.parametrize("make", [parquet, csv, npz])
def test_every_range_is_read_as_a_slice(tmp_path, make):
    data = make(tmp_path)
    assert data.rows == 30
    for start in range(0, 30, 3):
        for stop in range(start + 1, 31, 4):
            assert (data.read(["a"], start, stop)["a"] == VALUES[start:stop]).all(), (start, stop)
            if "s" in data.names:
                assert (data.read(["s"], start, stop)["s"] == np.stack([VALUES[start:stop], VALUES[start:stop] + 0.5], 1)).all()


def test_whole_numbers_may_turn_into_decimals_late_in_a_csv_file(tmp_path):
    rows = 200_000
    (tmp_path / "a.csv").write_text("a\n" + "1\n" * rows + "2.5\n")
    data = DataSet(str(tmp_path / "a.csv"))
    assert data.read(["a"], rows - 1, rows + 1)["a"].tolist() == [1.0, 2.5]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "a,y\n1,2\n,4\n", "Row 2 of .* column a"),
        ("a.csv", "a,y\n1,2\nnan,4\n", "Row 2 of .* column a"),
        ("a.csv", "a,y\n1,2\nx,4\n", "must hold numbers"),
        ("a.csv", "a,y\n", "has no rows"),
        ("a.npz", "no archive", "not an .npz file"),
        ("a.parquet", "no table", "cannot be read as parquet"),
        ("a.txt", "", "files of one kind"),
    ],
)
def test_bad_files_are_named(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(ScaleError, match=message):
        data = DataSet(str(tmp_path / name))
        data.read(["a"], 0, data.rows)


def test_lists_of_different_lengths_are_an_error(tmp_path):
    pyarrow.parquet.write_table(pa.table({"s": [[1.0], [1.0, 2.0], [1.0, 2.0, 3.0]]}), tmp_path / "a.parquet")
    with pytest.raises(ScaleError, match="equal lengths"):
        DataSet(str(tmp_path / "a.parquet")).read(["s"], 0, 3)


def batches(data, *, workers=1, worker=0, shards=2, batch_size=8, devices=1, seed=5):
    fields = Fields({"x": ["a"]}, {"y": ["a"]}, None)
    return Batches(data, fields, Model(Tensor("x", (None, 1))), batch_size=batch_size, shards=shards, worker=worker, workers=workers, devices=devices, seed=seed)


def test_batches_do_not_depend_on_the_number_of_workers(tmp_path):
    data = npz(tmp_path)
    alone = batches(data, devices=2)
    workers = [batches(data, worker=worker, workers=2, devices=2) for worker in range(2)]
    assert alone.steps == workers[0].steps == workers[1].steps == 4
    for step in range(9):
        parts = np.concatenate([worker(step)[1] for worker in workers])
        assert (alone(step)[1] == parts).all()


def test_a_pass_takes_each_row_once_in_a_new_order(tmp_path):
    each = batches(npz(tmp_path))
    passes = [np.concatenate([each(number * each.steps + step)[1] for step in range(each.steps)]) for number in range(2)]
    assert (passes[0] != passes[1]).any()
    for rows in passes:
        assert sorted(rows) == VALUES.tolist()


def test_rows_that_devices_cannot_share_are_others_in_each_pass(tmp_path):
    each = batches(npz(tmp_path), devices=4, batch_size=8)
    assert each.rows == 28
    left_out = [set(VALUES) - {v for step in range(each.steps) for v in each(number * each.steps + step)[1]} for number in range(4)]
    assert len(set(map(frozenset, left_out))) > 1


def test_batches_must_be_shared_evenly(tmp_path):
    with pytest.raises(ScaleError, match="--batch-size must be a multiple"):
        batches(npz(tmp_path), batch_size=9)
    with pytest.raises(ScaleError, match="too few"):
        batches(npz(tmp_path), shards=40, batch_size=40)
