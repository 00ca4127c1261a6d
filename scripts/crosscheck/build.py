"""Makes Keras models of architectures, and their weights, inputs and targets, in the float type that Keras has at that moment."""

import keras
import numpy as np

from architectures import BATCH, listed
from layers import VOCABULARY
from losses import targets_for
from source import Source, source_of

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

    # TensorFlow gives the gradient of an Embedding as slices, one for each occurrence of an id, which optimizers with slots do not sum first.
    apply = keras.optimizers.Optimizer.apply

    def apply_dense(self, grads, trainable_variables=None):
        return apply(self, [tf.convert_to_tensor(grad) if isinstance(grad, tf.IndexedSlices) else grad for grad in grads], trainable_variables)

    keras.optimizers.Optimizer.apply = apply_dense

    # TensorFlow rounds a float of Python to float32 before it has another type: so the betas of optimizers.
    cast = keras.src.ops.cast

    def cast_exactly(x, dtype):
        return cast(np.float64(x) if isinstance(x, float) else x, dtype)

    keras.src.ops.cast = cast_exactly

LENGTH = 5  # where it is free


def model_of(spec):
    """The model of an architecture."""
    # Names begin anew; the memory of what was there before is freed by Python.
    keras.backend.clear_session(free_memory=False)
    scope = {"keras": keras}
    exec(source_of(spec), scope)
    return scope["model"]


def made(description):
    """A loss or an optimizer."""
    return eval(Source().layer(description)[0], {"keras": keras})


def random_weights(model, rng):
    """Sets weights that float32 holds exactly; variances are above 0."""
    weights = []
    for variable in model.weights:
        values = rng.normal(0, 0.5, variable.shape)
        weights.append((0.5 + np.abs(values) if "variance" in variable.path else values).astype("float32"))
    model.set_weights(weights)
    return weights


def random_inputs(spec, rng):
    """Inputs; ids begin with padding, steps end with it."""
    arrays = []
    for given in spec["inputs"]:
        shape = (BATCH, *(size or LENGTH for size in given["shape"]))
        if given.get("texts"):
            words = rng.choice([*VOCABULARY, "dog"], (*shape, 3) if given["shape"] == [1] else shape)
            arrays.append(np.array([[" ".join(row)] for row in words[:, 0]] if given["shape"] == [1] else words, dtype=object))
        elif "limit" in given:
            ids = rng.integers(1, given["limit"], shape)
            for row in range(BATCH):
                ids[row, : row % shape[1]] = 0
            arrays.append(ids.astype("float32" if given["dtype"] == "float" else given["dtype"]))
        else:
            values = rng.normal(0, 1, shape).astype("float32")
            for row in range(BATCH if given.get("padded") else 0):
                values[row, shape[1] - row % shape[1] :] = 0
            arrays.append(values)
    return arrays


def random_targets(spec, outputs, rng):
    return [targets_for(loss["targets"], output.shape, rng) for loss, output in zip(spec["losses"], outputs, strict=True)]


def one_or_all(values):
    return values if len(values) > 1 else values[0]


def tensors_of(model, inputs):
    if inputs[0].dtype == object:
        inputs = [tf.constant(inputs[0].tolist())]
    return listed(model(one_or_all(inputs)))


def as_numpy(tensors):
    return [keras.ops.convert_to_numpy(each) for each in tensors]


def outputs_of(model, inputs):
    return as_numpy(tensors_of(model, inputs))


def outputs_of_file(file, inputs, calls):
    """What a .keras file gives, at the last of several calls."""
    keras.backend.clear_session(free_memory=False)
    model = keras.saving.load_model(file, compile=False)
    if keras.backend.backend() == "jax" and calls == 1:
        # JAX compiles each operation of a call; a whole model takes less time.
        return listed(model.predict_on_batch(one_or_all(inputs)))
    return [outputs_of(model, inputs) for _ in range(calls)][-1]


def compile_for(model, spec, optimizer):
    model.compile(optimizer=made(optimizer), loss=one_or_all([made(loss["layer"]) for loss in spec["losses"]]), run_eagerly=True)


def train(model, inputs, outputs, targets, steps):
    """Losses of training steps."""
    # Else Keras computes the shapes of the outputs once more, which takes longer than a step.
    model._compile_loss.build(one_or_all(targets), one_or_all(outputs))
    if inputs[0].dtype == object:
        inputs = [tf.constant(inputs[0].tolist())]
    return [float(listed(model.train_on_batch(one_or_all(inputs), one_or_all(targets)))[0]) for _ in range(steps)]
