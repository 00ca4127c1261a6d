"""Initializers: statistics and limits of what Keras draws. The numbers themselves differ by generator."""

from common import camel, keras, np, tensor, write

I = keras.initializers
SEED = 7
UNITS = 1000
SHAPES = {"Dense kernel": (40, 60), "LSTM kernel, gates fused": (40, 4 * 50), "GRU kernel, gates fused": (30, 3 * 40), "Embedding": (100, 32)}


def statistics(name, make, shape, label):
    values = np.asarray(make(shape, dtype="float64"))
    return {"initializer": name, "use": label, "shape": list(shape), **summary(values)}


def summary(values):
    return {"minimum": values.min(), "maximum": values.max(), "mean": values.mean(), "standardDeviation": values.std()}


def forget_bias(makers):
    """An LSTM's bias with unit_forget_bias: parts [U], ones [U] and [2U], each drawn as a weight of its own."""
    cases = []
    for name, make in makers.items():
        layer = keras.layers.LSTM(UNITS, recurrent_initializer="zeros", bias_initializer=make(seed=SEED))
        layer.build((2, 4, 1))
        bias = np.asarray(next(weight for weight in layer.weights if weight.path.endswith("bias")))
        cases.append({"initializer": name, "units": UNITS, "parts": [summary(part) for part in np.split(bias, [UNITS, 2 * UNITS])]})
    return cases


def main():
    makers = {"glorotUniform": I.GlorotUniform, "uniform": I.RandomUniform, "randomNormal": I.RandomNormal, "glorotNormal": I.GlorotNormal}
    cases = [statistics(name, make(seed=SEED), shape, label) for name, make in makers.items() for label, shape in SHAPES.items()]
    defaults = []
    for kind, layer in [("SimpleRNN", keras.layers.SimpleRNN(3)), ("LSTM", keras.layers.LSTM(3)), ("LSTM without unitForgetBias", keras.layers.LSTM(3, unit_forget_bias=False)), ("GRU", keras.layers.GRU(3)), ("GRU reset before", keras.layers.GRU(3, reset_after=False)), ("Dense", keras.layers.Dense(3))]:
        layer.build((2, 5) if kind == "Dense" else (2, 4, 5))
        weights = {camel(weight.path.split("/")[-1]): weight for weight in layer.weights if "seed" not in weight.path}
        defaults.append({"layer": kind, "shapes": {name: list(weight.shape) for name, weight in weights.items()}, "bias": tensor(weights["bias"])})
    write("initializers", {"statistics": cases, "defaults": defaults, "forgetBias": forget_bias(makers)})
