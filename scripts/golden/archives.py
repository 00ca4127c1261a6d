"""Archives of numpy.savez, and a table of Parquet."""

import base64
import io

from common import exact, generator, np, tensor, write

import pyarrow
import pyarrow.parquet


def npz(save, **arrays):
    stream = io.BytesIO()
    save(stream, **arrays)
    return {"bytes": base64.b64encode(stream.getvalue()).decode(), "arrays": {name: tensor(array) for name, array in arrays.items()}}


def parquet(columns, **options):
    stream = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), stream, **options)
    return base64.b64encode(stream.getvalue()).decode()


def main():
    rng = generator("archives")
    x, y = exact(rng, 5, 3), rng.integers(0, 9, size=(5,)).astype("int32")
    days = np.array(["2024-01-01T12:30", "2024-01-02", "2024-01-03", "2024-01-04"], dtype="datetime64[ms]")
    columns = {
        "n": pyarrow.array([1, 2, 3, 4], pyarrow.int64()),
        "x": pyarrow.array([0.5, None, 2.5, -1.0], pyarrow.float64()),
        "text": ["a, b", "č", "", "數"],
        "yes": [True, False, True, False],
        "day": pyarrow.array(days),
    }
    write(
        "archives",
        {
            "npz": [npz(np.savez, x=x, y=y), npz(np.savez_compressed, x=x.astype("float32"), y=y)],
            "parquet": [parquet(columns), parquet(columns, compression="none", use_dictionary=False)],
            "rowGroups": [parquet({"n": list(range(1000)), "text": [f"row {n}" for n in range(1000)]}, row_group_size=100)],
            "nested": [parquet({"list": [[1, 2], [3]]})],
        },
    )
