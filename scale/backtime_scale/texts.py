"""Models that begin with texts.

Engines compute on numbers. So the layers that make numbers of texts (`TextVectorization`,
`StringLookup`, `Hashing`) run where rows are read, and what follows them is trained. Both are parts
of one model, with the same variables and optimizer, and the whole is what files have. These layers
need TensorFlow, whatever Keras runs on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .batches import only
from .errors import ScaleError

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Entry:
    """An input of what is computed, under the name that it has in the whole model."""

    name: str
    shape: tuple[int | None, ...]
    dtype: str


@dataclass(frozen=True)
class Parts:
    """A model, and what of it an engine computes."""

    whole: Any
    model: Any
    inputs: list[Entry]
    lookups: dict[str, Any]
    """The layers of inputs of texts, by the names of the inputs."""

    @property
    def output_names(self) -> list[str]:
        # Keras's Sequential has one output, which it gives no name.
        return list(getattr(self.whole, "output_names", ["output"]))

    def prepare(self, name: str, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The values of an input as numbers.

        Raises ScaleError when an input of texts is given numbers.
        """
        import numpy as np

        lookup = self.lookups.get(name)
        if lookup is None:
            return values
        if values.dtype.kind not in "OUS":
            raise ScaleError("DATA", f"The input {name} takes texts, but its column has numbers: name another by --features.")
        return np.asarray(lookup(values.astype(str)))


def without_texts(whole: Any) -> Parts:
    """The parts of a compiled Keras model.

    Raises ScaleError when texts go to anything but one layer that makes numbers of them.
    """
    import keras

    def entry(given: Any, tensor: Any) -> Entry:
        return Entry(given.name, tuple(tensor.shape), keras.backend.standardize_dtype(tensor.dtype))

    if not any(tensor.dtype == "string" for tensor in whole.inputs):
        return Parts(whole, whole, [entry(tensor, tensor) for tensor in whole.inputs], {})
    # A Sequential has a graph of its own. Layers also know uses of it before it was complete.
    graph = getattr(whole, "_functional", None) or whole
    nodes = [node for level in graph._nodes_by_depth.values() for node in level]
    starts, lookups = [], {}
    for tensor in whole.inputs:
        if tensor.dtype != "string":
            starts.append(tensor)
            continue
        uses = [node for node in nodes if any(given is tensor for given in node.input_tensors)]
        if len(uses) != 1 or uses[0].output_tensors[0].dtype == "string":
            raise ScaleError("MODEL", f"The texts of the input {tensor.name} must go to one layer that makes numbers of them, such as TextVectorization.")
        starts.append(uses[0].output_tensors[0])
        lookups[tensor.name] = uses[0].operation
    names = [tensor.name for tensor in whole.inputs]
    model = keras.Model(only(dict(zip(names, starts, strict=True))), graph._outputs_struct)
    if whole.optimizer is not None:
        model.compile_from_config(whole.get_compile_config())
        # With its state, and so that the whole is saved with it.
        model.optimizer = whole.optimizer
    return Parts(whole, model, [entry(given, start) for given, start in zip(whole.inputs, starts, strict=True)], lookups)
