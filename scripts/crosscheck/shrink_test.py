"""Proves shrink.py without Keras: `python3 scripts/crosscheck/shrink_test.py`."""

from shrink import shrunk
from source import source_of


def use(layer, args, outputs=1, **kwargs):
    return {"layer": layer, "args": args, "kwargs": kwargs, "options": {}, "outputs": outputs}


def layer(name, *args, **config):
    return {"class": name, "args": list(args), "config": config}


inner = {
    "inputs": [{"shape": [3], "dtype": "float"}],
    "uses": [use(layer("Dense", units=3), [0]), use(layer("PReLU"), [1]), use(layer("Dense", units=2), [2])],
    "outputs": [3],
}
spec = {
    "inputs": [{"shape": [5], "dtype": "int32"}, {"shape": [5, 3], "dtype": "float"}],
    "uses": [
        use(layer("Embedding", input_dim=7, output_dim=3), [0]),  # value 2
        use(layer("LSTM", units=3, go_backwards=True, return_state=True, activation="relu"), [2], outputs=3),  # values 3, 4, 5
        use(layer("LSTM", units=3, return_sequences=True), [1], initial_state=[4, 5]),  # value 6
        use(layer("Bidirectional", layer("GRU", units=2, reset_after=False)), [6]),  # value 7
        use(layer("Add"), [[3, 4]]),  # value 8
        use(inner, [8]),  # value 9
        use(5, [3]),  # value 10: the same model again
    ],
    "outputs": [7, 9, 10],
    "losses": [{"layer": layer("losses.Huber", delta=0.5)}, {"layer": layer("losses.Hinge")}, {"layer": layer("losses.Poisson")}],
    "optimizers": [layer("optimizers.SGD", momentum=0.9), layer("optimizers.Adam")],
}


def shrinks_to(needed, *, uses, inputs):
    """The smallest architecture whose code has all of `needed`, and how large it should be."""
    calls = []

    def fails(candidate):
        calls.append(candidate)
        text = source_of(candidate) + repr(candidate["losses"]) + repr(candidate["optimizers"])
        return all(part in text for part in needed)

    small = shrunk(spec, fails, 500)
    text = source_of(small)
    assert fails(small), needed
    compile(text, "case", "exec")
    assert len(small["uses"]) == uses and len(small["inputs"]) == inputs, (needed, small)
    assert len(small["outputs"]) == len(small["losses"])
    defined = set()
    for line in text.split("\n"):
        names, _, right = line.partition(" = ")
        if line.startswith("v"):
            assert all(name in defined for name in __import__("re").findall(r"\bv\d+", right)), line
            defined.update(names.split(", "))
    return text, small


# One layer with one option is left.
text, small = shrinks_to(["go_backwards"], uses=1, inputs=1)
assert "activation" not in text and "units" not in text and len(small["optimizers"]) == 1
assert small["optimizers"][0]["config"] == {}
# Initial states of another layer: both stay.
shrinks_to(["initial_state=[v"], uses=1, inputs=2)
# A layer inside a wrapper, and its option.
text, _ = shrinks_to(["reset_after"], uses=1, inputs=1)
assert "Bidirectional" in text and "units" not in text
# A model inside loses layers, too; the use that made a shared layer may go.
text, _ = shrinks_to(["PReLU"], uses=1, inputs=1)
assert text.count("Dense") == 0
# Two layers that must both be there.
shrinks_to(["Embedding", "GRU"], uses=2, inputs=1)
# A loss keeps its output.
_, small = shrinks_to(["Hinge"], uses=1, inputs=1)
assert len(small["losses"]) == 1
# The use that made a layer goes, and a later use makes it.
shared = [use(layer("Dense", units=3), [1]), {**use(0, [2]), "options": {"training": True}}]
spec |= {"uses": shared, "outputs": [3], "losses": spec["losses"][:1]}
shrinks_to(["training", "Dense"], uses=1, inputs=1)
print("8 passed, 0 failed")
