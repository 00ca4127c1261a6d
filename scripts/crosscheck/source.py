"""Python code of an architecture: what builds a model here, and what a failure is printed as.

An architecture is plain data: {"inputs": [...], "uses": [...], "outputs": [...]}. The inputs are the first values, and each use of a layer
adds one value or several. `args` and `kwargs` of a use name values by their index; `options` are constants of the call. A layer is
{"class": ..., "args": [...], "config": {...}}, a function of `keras.ops`, the index of the use that made it, or an architecture.
"""

import textwrap


class Source:
    """Makes the lines that build an architecture, and the functions that make the models inside of it."""

    def __init__(self):
        self.models = 0

    def layer(self, value):
        """The expression of a layer, and the lines that must come before it."""
        before = []

        def code(value):
            if isinstance(value, dict) and "uses" in value:
                name = f"inner_model_{self.models}"
                self.models += 1
                body = "\n".join([*self.lines(value, "inner"), "return inner"])
                before.append(f"def {name}():\n{textwrap.indent(body, '    ')}\n")
                return f"{name}()"
            if isinstance(value, dict) and "class" in value:
                path = value["class"] if "." in value["class"] else f"layers.{value['class']}"
                given = [*map(code, value.get("args", [])), *(f"{key}={code(each)}" for key, each in value.get("config", {}).items())]
                return f"keras.{path}({', '.join(given)})"
            if isinstance(value, dict) and "function" in value:
                return f"keras.{value['function']}"
            if isinstance(value, list):
                return f"[{', '.join(map(code, value))}]"
            return repr(value)

        return code(value), before

    def made(self, use, place):
        """The lines that make the layer of a use."""
        if isinstance(use["layer"], int):
            return [f"l{place} = l{use['layer']}"]
        expression, before = self.layer(use["layer"])
        return [*before, f"l{place} = {expression}"]

    def call(self, use, place):
        """The expression of the call."""
        given = [f"{key}={value_of(value)}" for key, value in use.get("kwargs", {}).items()]
        options = [f"{key}={value!r}" for key, value in use.get("options", {}).items()]
        return f"l{place}({', '.join([*map(value_of, use['args']), *given, *options])})"

    def lines(self, spec, name="model"):
        if spec.get("sequential"):
            return [*(line for place, use in enumerate(spec["uses"]) for line in self.made(use, place)), self.end(spec, name)]
        lines = [f"v{index} = {input_of(given)}" for index, given in enumerate(spec["inputs"])]
        value = len(lines)
        for place, use in enumerate(spec["uses"]):
            names = ", ".join(f"v{value + output}" for output in range(use["outputs"]))
            if use["outputs"] == 1 and gives_list(spec, use):
                names += ","
            lines += [*self.made(use, place), f"{names} = {self.call(use, place)}"]
            value += use["outputs"]
        return [*lines, self.end(spec, name)]

    def end(self, spec, name="model"):
        """The line that makes the model of its layers or values."""
        if spec.get("sequential"):
            layers = [input_of(spec["inputs"][0]), *(f"l{place}" for place in range(len(spec["uses"])))]
            return f"{name} = keras.Sequential([{', '.join(layers)}])"
        return f"{name} = keras.Model({value_of(list(range(len(spec['inputs']))))}, {value_of(spec['outputs'])})"


def gives_list(spec, use):
    """Whether the layer of a use is a functional model, which gives a list."""
    layer = use["layer"]
    while isinstance(layer, int):
        layer = spec["uses"][layer]["layer"]
    return "uses" in layer and not layer.get("sequential")


def value_of(value):
    return f"[{', '.join(map(value_of, value))}]" if isinstance(value, list) else f"v{value}"


def input_of(given):
    options = "" if given["dtype"] == "float" else f", dtype={given['dtype']!r}"
    batch = f", batch_size={given['batch']}" if given.get("batch") else ""
    return f"keras.Input({tuple(given['shape'])!r}{batch}{options})"


def source_of(spec):
    """The lines that build `model`."""
    return "\n".join(Source().lines(spec))


def script_of(spec, inputs, targets, seed):
    """A program that shows in Keras and in Backtime what an architecture gives."""

    def code_of(arrays):
        return ", ".join(f"np.array({array.tolist()!r}, {str(array.dtype)!r})" for array in arrays)

    source = Source()
    losses = ", ".join(source.layer(loss["layer"])[0] for loss in spec["losses"])
    return f"""import keras
import numpy as np

keras.config.set_floatx("float64")
{source_of(spec)}
rng = np.random.default_rng({seed})
weights = [rng.normal(0, 0.5, variable.shape) for variable in model.weights]
model.set_weights([0.5 + np.abs(w) if "variance" in v.path else w for v, w in zip(model.weights, weights)])
model.compile(optimizer={source.layer(spec["optimizers"][0])[0]}, loss=[{losses}], run_eagerly=True)
model.save("case.keras")
x, y = [{code_of(inputs)}], [{code_of(targets)}]
print(model(x if len(x) > 1 else x[0]))
print(model.train_on_batch(x if len(x) > 1 else x[0], y if len(y) > 1 else y[0]), model.get_weights())
# In Node: import {{ loadModel, setBackend }} from 'backtime'; setBackend('reference');
# const model = await loadModel('case.keras');
# console.log(await model.predictOnBatch(x), await model.trainOnBatch(x, y), model.getWeights());
"""
