"""Initializers with arguments: statistics and limits of what Keras draws, and the values of those that draw nothing."""

from common import camel, keras, np, tensor, write

I = keras.initializers
SEED = 7
SHAPES = {"matrix": (60, 80), "kernel of Conv1D": (5, 20, 48), "kernel of Conv2D": (3, 4, 10, 40), "bias": (4800,)}
DRAWN = [
    ("GlorotUniform", {}), ("GlorotNormal", {}), ("HeUniform", {}), ("HeNormal", {}), ("LecunUniform", {}), ("LecunNormal", {}),
    ("RandomUniform", {}), ("RandomUniform", {"minval": -1, "maxval": 3}), ("RandomNormal", {}), ("RandomNormal", {"mean": 2, "stddev": 0.5}),
    ("TruncatedNormal", {}), ("TruncatedNormal", {"mean": -1, "stddev": 0.3}),
    *[("VarianceScaling", {"scale": 3, "mode": mode, "distribution": distribution}) for mode in ("fan_in", "fan_out", "fan_avg") for distribution in ("uniform", "truncated_normal", "untruncated_normal")],
    ("VarianceScaling", {}),
]
FIXED = [("Zeros", {}, (2, 3)), ("Ones", {}, (4,)), ("Constant", {"value": 0.3}, (2, 3)), ("Constant", {}, (2,)), ("Identity", {}, (3, 3)), ("Identity", {"gain": 2.5}, (2, 4)), ("Identity", {"gain": -1}, (4, 2))]


def arguments(given):
    return {camel(name): camel(value) if isinstance(value, str) else value for name, value in given.items()}


def main():
    drawn = []
    for name, given in DRAWN:
        for use, shape in SHAPES.items():
            values = np.asarray(getattr(I, name)(**given, seed=SEED)(shape, dtype="float64"))
            statistics = {"minimum": values.min(), "maximum": values.max(), "mean": values.mean(), "standardDeviation": values.std()}
            drawn.append({"initializer": name, "arguments": arguments(given), "use": use, "shape": list(shape), **statistics})
    fixed = [{"initializer": name, "arguments": given, "values": tensor(getattr(I, name)(**given)(shape))} for name, given, shape in FIXED]
    gains = []
    for gain in (1, 0.5):
        for shape in ((6, 4), (4, 6), (2, 3, 5)):
            matrix = np.asarray(I.Orthogonal(gain=gain, seed=SEED)(shape, dtype="float64")).reshape(-1, shape[-1])
            gram = matrix.T @ matrix if matrix.shape[0] >= matrix.shape[1] else matrix @ matrix.T
            gains.append({"gain": gain, "shape": list(shape), "gram": tensor(np.round(gram, 5))})
    write("initializerObjects", {"drawn": drawn, "fixed": fixed, "orthogonal": gains})
