"""Which rows each worker reads, and which of them stand in each batch.

    n  rows of the data set          S  shards
    B  rows of a batch               W  workers; each has S / W shards

The data set is cut into S shards of consecutive rows. A batch takes B / S rows of each shard, in an
order that depends on the seed, the pass over the data and the shard. So the batches do not depend
on W: two workers train on the same batches as one worker with `--shards 2`.

Shards may differ by one row. A pass takes the same number of rows from each, so it leaves out
fewer than S rows, others in each pass; the last batch of a pass may be smaller.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import ScaleError
from .sources import Columns, DataSet

if TYPE_CHECKING:
    import numpy as np

    Prepare = Callable[[str, np.ndarray[Any, Any]], np.ndarray[Any, Any]]


@dataclass(frozen=True)
class Fields:
    """The columns of inputs, targets and weights of rows."""

    inputs: dict[str, list[str]]
    targets: dict[str, list[str]]
    weight: str | None
    texts: frozenset[str] = frozenset()
    """The columns that hold texts."""

    @property
    def names(self) -> list[str]:
        groups = [*self.inputs.values(), *self.targets.values(), [self.weight] if self.weight else []]
        return list(dict.fromkeys(name for group in groups for name in group))


def choose_fields(data: DataSet, model: Any, features: Sequence[str], targets: Sequence[str], weight: str | None, *, needs_targets: bool = True) -> Fields:
    """The columns that belong to the inputs and outputs of a Keras model.

    Columns named as the inputs are theirs; else all that are left belong to the one input. Targets
    are `y`, `target`, or columns named as the outputs; weights are `sample_weight`. Without
    `needs_targets` these may be missing, and are not read.

    Raises ScaleError when a column is not there or it is not clear which is meant.
    """
    missing = [name for name in [*features, *targets, *([weight] if weight else [])] if name not in data.names]
    if missing:
        raise ScaleError("DATA", f"{data.path} has no column {missing[0]}; it has {data.names}.")
    input_names = [entry.name for entry in model.inputs]
    # Keras's Sequential has one output, which it gives no name.
    output_names = list(getattr(model, "output_names", ["output"]))
    if weight is None and "sample_weight" in data.names:
        weight = "sample_weight"
    if targets and len(output_names) == 1:
        target_fields = {output_names[0]: list(targets)}
    elif not targets and len(output_names) == 1 and (name := next((name for name in ("y", "target") if name in data.names), None)):
        target_fields = {output_names[0]: [name]}
    elif all(name in data.names for name in output_names):
        target_fields = {name: [name] for name in output_names}
    elif not needs_targets:
        target_fields = {}
    else:
        raise ScaleError("DATA", f"{data.path} needs a column y or target, or one for each output of the model: {output_names}; it has {data.names}. Name it by --target.")
    taken = {name for group in target_fields.values() for name in group} | {weight}
    left = [name for name in features or data.names if name not in taken]
    if all(name in data.names for name in input_names):
        input_fields = {name: [name] for name in input_names}
    elif len(input_names) == 1 and left:
        input_fields = {input_names[0]: ["x"] if "x" in left and not features else left}
    else:
        raise ScaleError("DATA", f"{data.path} needs a column for each input of the model: {input_names}; it has {data.names}.")
    texts = frozenset(name for given in getattr(model, "lookups", ()) for name in input_fields[given])
    return Fields(input_fields, target_fields, weight, texts) if needs_targets else Fields(input_fields, {}, None, texts)


def join(columns: Columns, names: Sequence[str]) -> np.ndarray[Any, Any]:
    """One column as it is, several side by side on the last axis."""
    import numpy as np

    if len(names) == 1:
        return columns[names[0]]
    for name in names:
        if columns[name].ndim != 1:
            raise ScaleError("DATA", f"Column {name} has lists, of shape {columns[name].shape[1:]}: name it alone by --features.")
    return np.stack([columns[name] for name in names], axis=-1)


def fit_shape(values: np.ndarray[Any, Any], tensor: Any, names: Sequence[str]) -> np.ndarray[Any, Any]:
    """Input values in the type of the model's input, and in its shape where only axes differ.

    Raises ScaleError when the shape does not fit.
    """
    import numpy as np

    expected, got = list(tensor.shape[1:]), list(values.shape[1:])
    fits = len(expected) == len(got) and all(size in (None, other) for size, other in zip(expected, got, strict=True))
    if not fits:
        size = int(np.prod(got, dtype=np.int64))
        known = [axis for axis in expected if axis is not None]
        rest, remainder = divmod(size, max(int(np.prod(known, dtype=np.int64)), 1))
        if expected.count(None) > 1 or remainder or (None not in expected and rest != 1):
            raise ScaleError("DATA", f"The input {tensor.name} has shape {expected}; the columns {list(names)[:8]} have {got}. Name those that belong to it by --features.")
        values = values.reshape([len(values), *(rest if axis is None else axis for axis in expected)])
    return values.astype(tensor.dtype, copy=False)


def read_inputs(columns: Columns, fields: Fields, inputs: dict[str, Any], prepare: Prepare | None) -> dict[str, np.ndarray[Any, Any]]:
    """The values of each input, in its type and shape; texts as numbers by `prepare`."""

    def read(name: str, names: list[str]) -> np.ndarray[Any, Any]:
        values = join(columns, names)
        return fit_shape(prepare(name, values) if prepare else values, inputs[name], names)

    return {name: read(name, names) for name, names in fields.inputs.items()}


def bounds(rows: int, shards: int, shard: int) -> tuple[int, int]:
    """The rows of a shard."""
    return shard * rows // shards, (shard + 1) * rows // shards


class Batches:
    """The batches of one worker, by their number from the beginning of training."""

    def __init__(self, data: DataSet, fields: Fields, model: Any, *, batch_size: int, shards: int, worker: int, workers: int, devices: int, seed: int | None, prepare: Prepare | None = None) -> None:
        if shards % workers:
            raise ScaleError("OPTION", f"--shards must be a multiple of the {workers} workers; it is {shards}.")
        if batch_size % shards or batch_size % devices:
            raise ScaleError("OPTION", f"--batch-size must be a multiple of the {shards} shards and of the {devices} devices; it is {batch_size}.")
        self.per_shard = data.rows // shards
        self._seed = seed
        self._size = batch_size // shards
        self._shards = shards
        self._fields = fields
        self._mine = range(worker * shards // workers, (worker + 1) * shards // workers)
        self._starts = [bounds(data.rows, shards, shard) for shard in self._mine]
        columns = data.read(fields.names, self._starts[0][0], self._starts[-1][1], fields.texts)
        inputs = {tensor.name: tensor for tensor in model.inputs}
        self._x = read_inputs(columns, fields, inputs, prepare)
        self._y = {name: join(columns, names) for name, names in fields.targets.items()}
        self._weight = columns[fields.weight].astype("float32") if fields.weight else None
        # The last batch of a pass: as many rows of each shard as the devices can share evenly.
        rest = self.per_shard % self._size
        while rest * shards % devices:
            rest -= 1
        self.rows = (self.per_shard // self._size * self._size + rest) * shards
        self.steps = self.per_shard // self._size + (rest > 0)
        if self.steps == 0:
            raise ScaleError("DATA", f"{data.path} has {data.rows} rows, too few for {shards} shards and {devices} devices.")
        self._order: tuple[int, list[Any]] = (-1, [])

    def _orders(self, epoch: int) -> list[Any]:
        """Numbers of rows of the pass, for each shard of this worker."""
        import numpy as np

        if self._order[0] != epoch:
            first = self._starts[0][0]
            orders = []
            for shard, (start, stop) in zip(self._mine, self._starts, strict=True):
                rows = np.arange(start - first, stop - first)
                orders.append(rows if self._seed is None else np.random.default_rng([self._seed, epoch, shard]).permutation(rows))
            self._order = (epoch, orders)
        return self._order[1]

    def __call__(self, step: int) -> tuple[Any, ...]:
        """This worker's rows of a batch: `(x, y)` or `(x, y, sample_weight)`."""
        import numpy as np

        passed, place = divmod(step, self.steps)
        low = place * self._size
        high = min(low + self._size, self.rows // self._shards)
        rows = np.concatenate([order[low:high] for order in self._orders(passed)])
        x = {name: values[rows] for name, values in self._x.items()}
        y = {name: values[rows] for name, values in self._y.items()}
        batch = (only(x), only(y))
        return batch if self._weight is None else (*batch, self._weight[rows])


def only(values: dict[str, Any]) -> Any:
    """The array of the only input or output; of several, all by their names."""
    return next(iter(values.values())) if len(values) == 1 else values
