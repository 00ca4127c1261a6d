"""Keras on JAX: one compiled step function, as in Keras' guide on custom training loops with JAX. The state never leaves it."""

import itertools

import jax
import keras
import numpy as np

from data import batches_in_unit, make_batches
from keras_model import make_model


def set_threads(threads):
    """host.py has limited the processors before JAX was imported."""


def versions():
    return {"Keras": keras.__version__, "JAX": jax.__version__}


def prepare(workload, kind):
    if workload["unit"] == "stream":
        return prepare_stream(workload)
    model = make_model(workload)
    model.optimizer.build(model.trainable_variables)
    batches = itertools.cycle([jax.device_put(batch) for batch in make_batches(workload)])
    steps = batches_in_unit(workload)
    trainable = [variable.value for variable in model.trainable_variables]
    fixed = [variable.value for variable in model.non_trainable_variables]
    slots = [variable.value for variable in model.optimizer.variables]

    def loss_of(trainable, fixed, x, y):
        prediction, fixed = model.stateless_call(trainable, fixed, x, training=True)
        return model.compute_loss(x, y, prediction), fixed

    @jax.jit
    def forward(trainable, fixed, x):
        return model.stateless_call(trainable, fixed, x, training=False)[0]

    def step(state, x, y):
        trainable, fixed, slots = state
        (loss, fixed), gradients = jax.value_and_grad(loss_of, has_aux=True)(trainable, fixed, x, y)
        trainable, slots = model.optimizer.stateless_apply(slots, gradients, trainable)
        return loss, (trainable, fixed, slots)

    step = jax.jit(step, donate_argnums=0)
    state = (trainable, fixed, slots)

    def train(units):
        nonlocal state
        for x, y in itertools.islice(batches, units * steps):
            loss, state = step(state, x, y)
        loss.block_until_ready()

    def infer(units):
        for x, _ in itertools.islice(batches, units * steps):
            forward(trainable, fixed, x).block_until_ready()

    return train if kind == "train" else infer


def prepare_stream(workload):
    cell = keras.layers.LSTMCell(workload["layers"][0]["units"])
    cell.build((1, workload["features"]))
    x = jax.device_put(np.random.rand(1, workload["features"]).astype("float32"))
    weights = [variable.value for variable in cell.trainable_variables]
    fixed = [variable.value for variable in cell.non_trainable_variables]

    @jax.jit
    def step(x, state):
        return cell.stateless_call(weights, fixed, x, state)[0][1]

    def run(units):
        state = [keras.ops.zeros((1, cell.units))] * 2
        for _ in range(units):
            state = step(x, state)
        jax.block_until_ready(state)

    return run
