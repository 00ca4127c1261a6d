"""Compares random architectures in Keras (float64, eager) and in Backtime, both ways through .keras files, and in other programs.

`npm run crosscheck -- --count 100` makes the environment and starts this. CONTRIBUTING.md says what is compared.
"""

import argparse
import collections
import concurrent.futures
import multiprocessing
import os
import subprocess
import sys
import tempfile
import warnings

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
warnings.simplefilter("ignore")

from wire import FOLDER, Process, as_array, as_data, import_keras, single_thread  # noqa: E402

import_keras()
import keras  # noqa: E402
import numpy as np  # noqa: E402

from architectures import architecture  # noqa: E402
from build import as_numpy, compile_for, model_of, outputs_of_file, random_inputs, random_targets, random_weights, tensors_of, train  # noqa: E402
from losses import WITHOUT_MASK, mask_of  # noqa: E402
from faulty_calls import refused  # noqa: E402
from onnx_files import run_onnx  # noqa: E402
from shrink import shrunk  # noqa: E402
from source import script_of  # noqa: E402

TRAINED_STEPS = 2
# The largest difference, relative to the largest number or 1.
TOLERANCES = {
    # float64; Keras on PyTorch computes losses and GroupNormalization in float32.
    "reference": 1e-6 if keras.backend.backend() == "tensorflow" else 2e-5,
    "simd128": 2e-3,  # float32, after steps of training, too
    "relaxed-simd": 2e-3,
    "keras": 1e-4,  # the outputs in float32 of what Backtime wrote
    "onnxruntime": 1e-4,
}


class NotForKeras(Exception):
    """Keras cannot run an architecture, or it gives numbers that are not finite."""


def difference(actual, expected):
    """The largest difference, relative to the largest number or 1; infinite where shapes differ."""
    if list(actual.shape) != list(expected.shape):
        return float("inf")
    if actual.size == 0:
        return 0.0
    worst = np.max(np.abs(actual - expected)) / max(1.0, float(np.max(np.abs(expected))))
    return float(worst) if np.isfinite(worst) else float("inf")


def differences(program, what, actual, expected):
    """Lines that say what differs."""
    if len(actual) != len(expected):
        return [f"{program}: {len(actual)} {what}s instead of {len(expected)}"]
    pairs = [(index, difference(np.asarray(one, "float64"), other)) for index, (one, other) in enumerate(zip(actual, expected))]
    return [f"{program}: {what} {index} differs by {distance:.1e}" for index, distance in pairs if not distance <= TOLERANCES.get(program, 1e-4)]


def reset_states(model):
    for layer in model._flatten_layers():
        if hasattr(layer, "reset_state") and getattr(layer, "stateful", False):
            layer.reset_state()


def takes_other_scores(loss, tensor, output):
    """Whether Keras on TensorFlow computes a binary crossentropy of what went into a softmax, or into a sigmoid that the loss takes for scores."""
    scores = getattr(tensor, "_keras_logits", None)
    if scores is None or not loss["class"].startswith("losses.Binary"):
        return False
    return loss["config"].get("from_logits", False) or not np.allclose(keras.ops.convert_to_numpy(keras.ops.sigmoid(scores)), output)


class Case:
    """An architecture with weights, inputs and targets, and what Keras computes of them in float64."""

    def __init__(self, make, seed, folder):
        self.folder = folder
        rng = np.random.default_rng(seed)
        keras.config.set_floatx("float64")
        try:
            self.spec, model = make()
            spec = self.spec
            self.calls = 2 if spec["inputs"][0].get("batch") else 1
            self.steps = 0 if spec["noise"] else TRAINED_STEPS
            weights = random_weights(model, rng)
            self.inputs = random_inputs(spec, rng)
            with refused():
                for _ in range(self.calls):
                    tensors = tensors_of(model, self.inputs)
            self.outputs = as_numpy(tensors)
            # Keras pools fewer steps than a window has to no steps.
            if any(output.size == 0 for output in self.outputs):
                raise ValueError("no steps are left")
            for loss, tensor, output in zip(spec["losses"], tensors, self.outputs, strict=True):
                if takes_other_scores(loss["layer"], tensor, output):
                    raise ValueError("the loss takes other scores than the outputs")
                # A mask from inside of a model is not known before.
                if loss["layer"]["class"].split(".")[-1] in WITHOUT_MASK and mask_of(tensor) is not None:
                    raise ValueError("masked steps count in this loss")
                # Near 0 and 1 Keras clips.
                if loss.get("probabilities") and (np.min(output) < 1e-6 or (output.shape[-1] < 3 and np.max(output) > 1 - 1e-6)):
                    raise ValueError("saturated probabilities")
            self.targets = random_targets(spec, self.outputs, rng)
            self.trained = []
            for index, optimizer in enumerate(spec["optimizers"]):
                reset_states(model)
                model.set_weights(weights)
                compile_for(model, spec, optimizer)
                model.save(self.file(index))
                losses = train(model, self.inputs, self.outputs, self.targets, self.steps)
                self.trained.append((losses, model.get_weights()))
        except Exception as error:
            raise NotForKeras(f"{type(error).__name__}: {str(error)[:200]}") from error
        finally:
            keras.config.set_floatx("float32")
        if not all(np.all(np.isfinite(each)) for each in [*self.outputs, *(loss for losses, _ in self.trained for loss in losses)]):
            raise NotForKeras("numbers that are not finite")

    def file(self, index):
        return os.path.join(self.folder, f"keras-{index}.keras")


def runs(engine, spec):
    """Whether Keras on a backend runs an architecture."""
    # Strings are of TensorFlow alone; on JAX Keras refuses attention whose values have other sizes than the keys.
    return not any(given.get("texts") for given in spec["inputs"]) and not (engine.name == "keras on jax" and "'value_dim'" in str(spec))


def faults(case, backtime, engines):
    """What differs between Keras and the other programs; empty when nothing does. Also says which programs were compared."""
    found, compared, refused = [], set(), {}
    files = {name: os.path.join(case.folder, f"backtime.{ending}") for name, ending in [("keras", "keras"), ("onnxruntime", "onnx")]}
    inputs, targets = [[as_data(each) for each in arrays] for arrays in (case.inputs, case.targets)]
    for index, (losses, weights) in enumerate(case.trained):
        # The files are written once.
        backends = {name: files if name == "reference" and index == 0 else {} for name in ("reference", "simd128", "relaxed-simd")}
        message = {"file": case.file(index), "calls": case.calls, "backends": backends, "x": inputs, "y": targets, "steps": case.steps}
        for backend, answer in backtime.ask(message).items():
            if "error" in answer:
                found.append(f"{backend}: {answer['error']}")
                continue
            compared.add(backend)
            refused |= answer["refused"]
            found += differences(backend, "output", arrays_of(answer["outputs"]), case.outputs)
            if case.steps:
                found += differences(backend, "loss", answer["losses"], [np.array(loss) for loss in losses])
                found += differences(backend, "weight", arrays_of(answer["weights"]), weights)
    if found:
        return found, compared
    if "keras" in refused:
        found.append(f"writing: {refused['keras']}")
    else:
        compared.add("keras")
        try:
            found += differences("keras", "output", outputs_of_file(files["keras"], case.inputs, case.calls), case.outputs)
        except Exception as error:  # noqa: BLE001
            found.append(f"keras: {type(error).__name__}: {str(error)[:300]}")
        asked = [engine for engine in engines if runs(engine, case.spec)]
        for engine in asked:
            engine.send({"file": files["keras"], "x": inputs, "calls": case.calls})
        for engine in asked:
            answer = engine.answer()
            compared.add(engine.name)
            found += [f"{engine.name}: {answer['error']}"] if "error" in answer else differences(engine.name, "output", arrays_of(answer["outputs"]), case.outputs)
    if "onnxruntime" not in refused:
        compared.add("onnxruntime")
        try:
            found += differences("onnxruntime", "output", run_onnx(files["onnxruntime"], case.inputs), case.outputs)
        except Exception as error:  # noqa: BLE001
            found.append(f"onnxruntime: {type(error).__name__}: {str(error)[:300]}")
    return found, compared


def arrays_of(answer):
    return [as_array(each) for each in answer]


def draw(seed, folder, texts):
    """The first architecture of a seed that Keras can run. Returns it and how many it cannot."""
    for attempt in range(50):
        try:
            return Case(lambda: architecture(np.random.default_rng([seed, attempt]), texts), seed, folder), attempt  # noqa: B023
        except NotForKeras as error:
            if os.environ.get("CROSSCHECK_VERBOSE"):
                print(f"seed {seed}: Keras cannot run it: {error}")
    raise SystemExit(f"seed {seed}: Keras runs none of 50 architectures")


def kind_of(found):
    """The program and the first words of a fault, without numbers."""
    return " ".join(word for word in found[0].split()[:5] if not any(letter.isdigit() for letter in word))


def shrunk_case(case, seed, backtime, engines, tries):
    kind = kind_of(faults(case, backtime, engines)[0])

    def fails(spec):
        try:
            found, _ = faults(Case(lambda: (spec, model_of(spec)), seed, case.folder), backtime, engines)
        except NotForKeras:
            return False
        return bool(found) and kind_of(found) == kind

    small = shrunk(case.spec, fails, tries)
    return case if small is case.spec else Case(lambda: (small, model_of(small)), seed, case.folder)


def classes_of(value):
    """The names of the classes of an architecture."""
    if isinstance(value, dict):
        own = [value["class"]] if "class" in value else [value["function"]] if "function" in value else []
        return own + [name for each in value.values() for name in classes_of(each)]
    return [name for each in value for name in classes_of(each)] if isinstance(value, list) else []


class Programs:
    """What one process compares: Backtime and Keras on other backends."""

    def __init__(self, beside):
        single_thread()
        # Node 20 has relaxed SIMD behind an option, which later versions need not know.
        option = "--experimental-wasm-relaxed-simd"
        options = [option] if subprocess.run(["node", option, "--version"], capture_output=True).returncode == 0 else []
        self.backtime = Process("Backtime", ["node", *options, os.path.join(FOLDER, "server.mjs")])
        command = [sys.executable, os.path.join(FOLDER, "engine.py")]
        self.engines = [Process(f"keras on {name}", command, KERAS_BACKEND=name) for name in beside.split(",") if name]
        self.kinds = set()


programs = None


def begin(beside):
    global programs
    programs = Programs(beside)


def compare(seeds, given):
    """Compares architectures. Returns how many failed, how many Keras cannot run, and what was compared and used how often."""
    failed, unusable, compared, classes = 0, 0, collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            case, attempts = draw(seed, folder, keras.backend.backend() == "tensorflow")
            unusable += attempts
            beside = programs.engines if (seed - given.seed) % given.beside_every == 0 else []
            found, compared_with = faults(case, programs.backtime, beside)
            compared.update(compared_with)
            classes.update(set(classes_of([case.spec["uses"], case.spec["losses"], case.spec["optimizers"]])))
            if found:
                failed += 1
                lines = [f"seed {seed}: {'; '.join(found)[:600]}"]
                if kind_of(found) not in programs.kinds and given.shrink:
                    programs.kinds.add(kind_of(found))
                    small = shrunk_case(case, seed, programs.backtime, beside, given.shrink)
                    lines.append(script_of(small.spec, small.inputs, small.targets, seed))
                print("\n".join(lines), flush=True)
    return failed, unusable, compared, classes


def main():
    parser = argparse.ArgumentParser(prog="npm run crosscheck --", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100, help="how many architectures (default 100)")
    parser.add_argument("--seed", type=int, default=1, help="the first one's seed (default 1)")
    parser.add_argument("--beside", default="jax", help="backends of Keras that load the files of Backtime, with commas (default jax)")
    parser.add_argument("--beside-every", type=int, default=5, help="these load the files of every fifth architecture, or of another share (default 5)")
    parser.add_argument("--shrink", type=int, default=100, help="how many smaller architectures to try for a failure (default 100)")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes compare, each with about 2 GB (default 1)")
    given = parser.parse_args()
    done, failed, unusable, compared, classes = 0, 0, 0, collections.Counter(), collections.Counter()
    parts = [range(first, min(first + 25, given.seed + given.count)) for first in range(given.seed, given.seed + given.count, 25)]
    with concurrent.futures.ProcessPoolExecutor(given.jobs, multiprocessing.get_context("spawn"), begin, (given.beside,)) as pool:
        results = {pool.submit(compare, part, given): part for part in parts}
        for result in concurrent.futures.as_completed(results):
            more_failed, more_unusable, more_compared, more_classes = result.result()
            done, failed, unusable = done + len(results[result]), failed + more_failed, unusable + more_unusable
            compared.update(more_compared)
            classes.update(more_classes)
            print(f"{done - failed} of {done} architectures agree", flush=True)
    print(f"Keras {keras.__version__} on {keras.backend.backend()}; {unusable} more architectures that Keras cannot run")
    print("Compared:", ", ".join(f"{name} {count}" for name, count in sorted(compared.items())))
    print("Uses:", ", ".join(f"{name} {count}" for name, count in sorted(classes.items())))
    print(f"{given.count - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
