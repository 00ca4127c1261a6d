"""Makes failing architectures small. It knows nothing of Keras: an architecture that cannot be built does not fail."""


def renumbered(value, change):
    return [renumbered(each, change) for each in value] if isinstance(value, list) else change(value)


def values_of(use):
    """The values that a use takes."""
    taken = []
    renumbered([*use["args"], *use["kwargs"].values()], taken.append)
    return taken


def without_use(spec, drop, instead=None):
    """An architecture without one use: whatever took its outputs takes `instead`, one of its inputs. None where others share its layer."""
    use = spec["uses"][drop]
    first = len(spec["inputs"]) + sum(each["outputs"] for each in spec["uses"][:drop])
    instead = values_of(use)[0] if instead is None else instead

    def change(index):
        if first <= index < first + use["outputs"]:
            return instead
        return index - use["outputs"] if index >= first else index

    uses = []
    for place, each in enumerate(spec["uses"]):
        layer = each["layer"]
        if place == drop:
            continue
        if layer == drop:  # the layer was made by the use that goes
            if any(other["layer"] == drop for other in spec["uses"][:place]):
                return None
            layer = use["layer"]
        elif isinstance(layer, int) and layer > drop:
            layer -= 1
        kwargs = {name: renumbered(value, change) for name, value in each["kwargs"].items()}
        uses.append({**each, "layer": layer, "args": renumbered(each["args"], change), "kwargs": kwargs})
    outputs = [(change(index), loss) for index, loss in zip(spec["outputs"], spec["losses"])]
    kept = {index: loss for index, loss in outputs if index >= len(spec["inputs"])}
    return {**spec, "uses": uses, "outputs": list(kept), "losses": list(kept.values())}


def without_option(layer):
    """Layers with one option or one inner layer less, or with a smaller model inside."""
    if isinstance(layer, dict):
        for name, value in layer.items():
            for smaller in without_option(value):
                yield {**layer, name: smaller}
            if name in ("config", "options", "kwargs"):
                for option in value:
                    yield {**layer, name: {key: each for key, each in value.items() if key != option}}
        if "uses" in layer:
            for drop in reversed(range(len(layer["uses"]))):
                smaller = without_use({"losses": layer["outputs"], **layer}, drop)
                if smaller and smaller["uses"]:
                    yield smaller
    if isinstance(layer, list):
        for place, each in enumerate(layer):
            for smaller in without_option(each):
                yield [*layer[:place], smaller, *layer[place + 1 :]]


def values_taken(spec):
    """The values that are outputs or that layers take."""
    return {*spec["outputs"], *(value for use in spec["uses"] for value in values_of(use))}


def without_unused(spec):
    """An architecture without layers and inputs that no output needs."""
    for place in reversed(range(len(spec["uses"]))):
        first = len(spec["inputs"]) + sum(each["outputs"] for each in spec["uses"][:place])
        if values_taken(spec).isdisjoint(range(first, first + spec["uses"][place]["outputs"])):
            spec = without_use(spec, place) or spec
    taken = values_taken(spec)
    for index in reversed(range(len(spec["inputs"]))):
        if index not in taken and len(spec["inputs"]) > 1:
            change = lambda value, gone=index: value - 1 if value > gone else value  # noqa: E731
            uses = [
                {**use, "args": renumbered(use["args"], change), "kwargs": {name: renumbered(value, change) for name, value in use["kwargs"].items()}}
                for use in spec["uses"]
            ]
            spec = {**spec, "inputs": spec["inputs"][:index] + spec["inputs"][index + 1 :], "uses": uses, "outputs": renumbered(spec["outputs"], change)}
    return spec


def smaller(spec):
    """Smaller architectures, the smallest first."""
    for place in range(len(spec["outputs"]) if len(spec["outputs"]) > 1 else 0):
        kept = {name: spec[name][:place] + spec[name][place + 1 :] for name in ("outputs", "losses")}
        yield without_unused({**spec, **kept})
    for drop in reversed(range(len(spec["uses"]))):
        for instead in sorted(set(values_of(spec["uses"][drop]))):
            less = without_use(spec, drop, instead)
            if less and less["uses"] and less["outputs"]:
                yield without_unused(less)
    if len(spec["optimizers"]) > 1:
        for optimizer in spec["optimizers"]:
            yield {**spec, "optimizers": [optimizer]}
    for part in ("uses", "losses", "optimizers"):
        for less in without_option(spec[part]):
            yield without_unused({**spec, part: less})


def shrunk(spec, fails, tries=200):
    """The smallest architecture found, by at most `tries` calls of `fails`, that still fails."""
    changed = True
    while changed:
        changed = False
        for candidate in smaller(spec):
            tries -= 1
            if tries < 0:
                return spec
            if fails(candidate):
                spec, changed = candidate, True
                break
    return spec
