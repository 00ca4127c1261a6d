"""The names and the order of layers in random graphs: shared layers, nested models, several inputs and outputs."""

from common import exact, generator, keras, np, tensor, write

L = keras.layers
B, D = 2, 3
CASES = 40


def nested():
    x = L.Input((D,))
    return keras.Model(x, L.Add()([L.Dense(D)(x), L.Dense(D)(x)]))


MAKE = {"Dense": lambda: L.Dense(D), "Add": L.Add, "Concatenate": L.Concatenate, "Model": nested}


def random_graph(rng):
    """Layers, and their uses: the index of the layer and those of the values that it takes. Inputs are the first values."""
    inputs = int(rng.integers(1, 4))
    layers, uses = [], []
    values = [D] * inputs

    def use(kind, taken, layer=None):
        if layer is None:
            layer = len(layers)
            layers.append(kind)
        uses.append({"layer": layer, "inputs": [int(value) for value in taken]})
        values.append(D * len(taken) if kind == "Concatenate" else D)

    def of_width():
        return [index for index, width in enumerate(values) if width == D]

    for _ in range(int(rng.integers(3, 12))):
        kind = ["Dense", "Dense", "Shared", "Add", "Concatenate", "Model"][int(rng.integers(6))]
        narrow = of_width()
        if kind in ("Add", "Concatenate"):
            use(kind, rng.choice(narrow, size=min(2, len(narrow)), replace=False) if len(narrow) > 1 else [narrow[0]] * 2)
            if kind == "Concatenate":
                use("Dense", [len(values) - 1])
        elif kind == "Shared":
            known = [index for index, each in enumerate(layers) if each in ("Dense", "Model") and takes_narrow(index, uses, values)]
            use(layers[known[0]], [rng.choice(narrow)], known[int(rng.integers(len(known)))]) if known else use("Dense", [rng.choice(narrow)])
        else:
            use(kind, [rng.choice(narrow)])
    # Every input reaches an output: those that nothing takes are added.
    taken = {value for each in uses for value in each["inputs"]}
    for value in range(inputs):
        if value not in taken:
            use("Add", [value, of_width()[-1]])
    taken = {value for each in uses for value in each["inputs"]}
    outputs = [index for index in range(inputs, len(values)) if index not in taken]
    return {"inputs": inputs, "layers": layers, "uses": uses, "outputs": [int(index) for index in rng.permutation(outputs)]}


def takes_narrow(layer, uses, values):
    return all(values[value] == D for each in uses if each["layer"] == layer for value in each["inputs"])


def case(rng):
    graph = random_graph(rng)
    # In another order than that of their uses.
    made = [int(index) for index in rng.permutation(len(graph["layers"]))]
    keras.backend.clear_session()
    layers = {}
    for index in made:
        layers[index] = MAKE[graph["layers"][index]]()
    inputs = [L.Input((D,)) for _ in range(graph["inputs"])]
    values = list(inputs)
    for each in graph["uses"]:
        taken = [values[value] for value in each["inputs"]]
        values.append(layers[each["layer"]](taken if len(taken) > 1 else taken[0]))
    model = keras.Model(inputs, [values[index] for index in graph["outputs"]])
    places = {id(layer): index for index, layer in layers.items()}
    order = [places[id(layer)] for layer in model.layers if id(layer) in places]
    model.set_weights([exact(rng, *weight.shape, scale=0.3) for weight in model.get_weights()])
    x = [exact(rng, B, D) for _ in inputs]
    outputs = model(x)
    return {
        **graph,
        "made": made,
        "order": order,
        "names": [layers[index].name for index in order],
        "x": [tensor(each) for each in x],
        "weights": [tensor(weight) for weight in model.get_weights()],
        "y": [tensor(np.asarray(each)) for each in (outputs if isinstance(outputs, (list, tuple)) else [outputs])],
    }


def main():
    rng = generator("layerOrder")
    write("layerOrder", {"graphs": [case(rng) for _ in range(CASES)]})
