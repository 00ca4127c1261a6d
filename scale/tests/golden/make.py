"""Makes step.keras: a small compiled model, as Keras saves it, for make.mjs and the tests."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras  # noqa: E402

keras.utils.set_random_seed(11)
model = keras.Sequential([keras.Input((4, 2)), keras.layers.LSTM(3), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(0.05), loss="mse")
model.save(os.path.join(os.path.dirname(__file__), "step.keras"))
