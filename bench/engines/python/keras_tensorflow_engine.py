"""Keras on TensorFlow: its own `train_step` in one tf.function, compiled by XLA where Keras itself would choose that."""

import itertools

import keras
import numpy as np
import tensorflow as tf

from data import batches_in_unit, make_batches
from keras_model import make_model


def set_threads(threads):
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def versions():
    return {"Keras": keras.__version__, "TensorFlow": tf.__version__}


def prepare(workload, kind):
    if workload["unit"] == "stream":
        return prepare_stream(workload)
    model = make_model(workload)
    tensors = [(keras.tree.map_structure(tf.constant, x), tf.constant(y)) for x, y in make_batches(workload)]
    batches = itertools.cycle(tensors)
    steps = batches_in_unit(workload)
    model.train_on_batch(*tensors[0])
    if workload["unit"] == "startUp":
        return lambda units: None

    @tf.function(jit_compile=model.jit_compile)
    def train_step(x, y):
        return model.train_step((x, y))

    @tf.function(jit_compile=model.jit_compile)
    def forward(x):
        return model(x, training=False)

    def train(units):
        for x, y in itertools.islice(batches, units * steps):
            logs = train_step(x, y)
        float(logs["loss"])

    def infer(units):
        for x, _ in itertools.islice(batches, units * steps):
            forward(x).numpy()

    return train if kind == "train" else infer


def prepare_stream(workload):
    cell = keras.layers.LSTMCell(workload["layers"][0]["units"])
    cell.build((1, workload["features"]))
    x = tf.constant(np.random.rand(1, workload["features"]).astype("float32"))

    @tf.function
    def step(x, state):
        return cell(x, state)[1]

    def run(units):
        state = [tf.zeros((1, cell.units))] * 2
        for _ in range(units):
            state = step(x, state)
        state[0].numpy()

    return run
