"""HDF5 files as h5py writes them: random trees of groups, datasets and attributes, and what is in them."""

import base64
import io

from common import generator, np, write

import h5py

TYPES = ["<f2", "<f4", "<f8", ">f4", ">f8", "|i1", "<i2", "<i4", "<i8", ">i4", "|u1", "<u8"]


def values(rng, dtype, shape):
    return rng.integers(0, 100, size=shape).astype(dtype) / (4 if "f" in dtype else 1)


def fill(rng, group, depth, expected, path, deep):
    """Fills a group, and notes in `expected` what is at which path."""
    for index in range(int(rng.integers(1, 12 if deep else 4))):
        name = f"{'łayer' if index == 1 else 'layer'}_{index}"
        at = f"{path}{name}"
        if depth > 0 and rng.random() < 0.4:
            inner = group.create_group(name)
            inner.attrs["name"] = f"group {index}"
            fill(rng, inner, depth - 1, expected, f"{at}/", False)
            continue
        shape = tuple(int(size) for size in rng.integers(1, 5, size=int(rng.integers(0, 4))))
        dtype = TYPES[int(rng.integers(len(TYPES)))]
        array = np.asarray(values(rng, dtype, shape)).astype(dtype)
        options = {}
        if shape and rng.random() < 0.5:
            options = {"chunks": tuple(int(rng.integers(1, size + 1)) for size in shape)}
            if rng.random() < 0.7:
                options |= {"compression": "gzip", "shuffle": bool(rng.random() < 0.5)}
        dataset = group.create_dataset(name, data=array, **options)
        dataset.attrs["unit"] = "µm"
        expected[at] = {"shape": list(shape), "data": [float(value) for value in array.ravel()]}


def written(make, **options):
    """The bytes of a file that `make` fills."""
    stream = io.BytesIO()
    with h5py.File(stream, "w", **options) as file:
        make(file)
    return base64.b64encode(stream.getvalue()).decode()


def case(rng, libver, deep=False, **attributes):
    expected = {}

    def make(file):
        for name, value in attributes.items():
            file.attrs[name] = value
        fill(rng, file, 2, expected, "", deep)

    return {"bytes": written(make, libver=libver), "datasets": expected}


def every_type():
    """A dataset of each type, with its extremes."""
    expected = {}

    def make(file):
        for dtype in TYPES:
            kind = np.dtype(dtype)
            if kind.kind == "f":
                limits = np.finfo(kind)
                array = np.array([0, -1.5, limits.max, limits.tiny, limits.smallest_subnormal], dtype)
            else:
                limits = np.iinfo(kind)
                array = np.array([0, 1, limits.min if kind.itemsize < 8 else -(kind.kind == "i") * 2**53, limits.max if kind.itemsize < 8 else 2**53], dtype)
            name = dtype.replace("<", "little ").replace(">", "big ").replace("|", "")
            file[name] = array
            file[name].attrs["unit"] = "µm"
            expected[name] = {"shape": [len(array)], "data": [float(value) for value in array]}

    return {"bytes": written(make), "datasets": expected}


def main():
    rng = generator("hdf5")
    attributes = {
        "names": np.array([b"kernel:0", b"bias:0"]),
        "text": "řecký",
        "texts": ["a", "", "bc"],
        "count": 3,
        "numbers": np.array([1.5, 2.5]),
        "yes": True,
    }
    cases = [case(rng, "earliest", index == 0, **attributes) for index in range(4)]

    def latest(file):
        file.attrs["name"] = "model"
        file.create_group("layers").create_dataset("0", data=np.arange(6, dtype="<f4").reshape(2, 3))

    def compound(file):
        file["x"] = np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")])

    def soft(file):
        file["x"] = h5py.SoftLink("/y")

    def checksummed(file):
        file.create_dataset("x", data=np.zeros(4), chunks=(2,), fletcher32=True)

    def filled(file):
        file.create_dataset("x", shape=(4,), dtype="<f4", fillvalue=2.0)

    def chunked(file):
        file.create_dataset("x", data=np.zeros(4), chunks=(2,))

    def unwritten(file):
        file.create_dataset("x", shape=(4,), chunks=(2,), dtype="<f4")

    write(
        "hdf5",
        {
            "files": [*cases, every_type()],
            "latest": [written(latest, libver="latest")],
            "unwritten": [written(unwritten)],
            "refused": [
                {"what": "compound", "bytes": written(compound)},
                {"what": "soft", "bytes": written(soft)},
                {"what": "checksummed", "bytes": written(checksummed)},
                {"what": "filled", "bytes": written(filled)},
                {"what": "chunks of HDF5 1.10", "bytes": written(chunked, libver="latest")},
            ],
        },
    )
