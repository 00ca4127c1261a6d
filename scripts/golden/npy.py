"""Arrays as numpy.save writes them."""

import base64
import io

from common import exact, generator, np, tensor, write


def case(array, order="C"):
    stream = io.BytesIO()
    np.save(stream, np.asarray(array, order=order))
    return {"dtype": array.dtype.str, "array": tensor(array), "bytes": base64.b64encode(stream.getvalue()).decode()}


def main():
    rng = generator("npy")
    floats = exact(rng, 3, 4)
    integers = rng.integers(0, 100, size=(2, 3, 2))
    types = ["<f4", "<f8", ">f4", ">f8"]
    whole = ["<i1", "<i2", "<i4", "<i8", ">i8", "|u1", "<u2", "<u4", "<u8", ">i2"]
    cases = [case(floats.astype(dtype)) for dtype in types] + [case((integers - (50 if "i" in dtype else 0)).astype(dtype)) for dtype in whole]
    cases += [case(integers > 50), case(np.zeros((0, 3), "<f4")), case(np.array(2.5)), case(floats[:, 0].copy())]
    write("npy", {"arrays": cases, "fortran": [case(floats, "F")]})
