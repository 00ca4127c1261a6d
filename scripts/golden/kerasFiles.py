"""Models as `.keras` files, with what they give for inputs.

Each model is built twice: in float32, which is saved, and in float64 with the same weights, whose outputs are noted.
"""

import base64
import os
import tempfile
import zlib

from common import exact, generator, keras, np, tensor
from kerasCases import Cases, in_type

L = keras.layers
case = Cases()


def ids(rng, *shape, below=7):
    return rng.integers(0, below, size=shape)


def random_weights(model, rng):
    values = []
    for weight in model.weights:
        value = exact(rng, *weight.shape, scale=0.5)
        values.append(np.abs(value) + 0.5 if "variance" in weight.name else value)
    return values


def saved(model, suffix=".keras"):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model" + suffix)
        model.save(path)
        with open(path, "rb") as file:
            return base64.b64encode(zlib.compress(file.read(), 9)).decode()


def outputs_of(model, inputs):
    outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    if isinstance(outputs, dict):
        outputs = [outputs[name] for name in model._outputs_struct]
    return [tensor(output) for output in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]


def in_both_types(name, build):
    """The model in float32 and in float64, with the same random weights, and the generator of the case."""
    rng = generator(f"kerasFiles {name}")
    model32, model64 = in_type("float32", build), in_type("float64", build)
    values = random_weights(model32, rng)
    for model in (model32, model64):
        model.set_weights(values)
    return model32, model64, rng


def made(name, build, inputs):
    model32, model64, rng = in_both_types(name, build)
    x = inputs(rng)
    return {"name": name, "inputs": [tensor(each) for each in x], "file": saved(model32), "outputs": outputs_of(model64, x)}


@case(inputs=lambda rng: [ids(rng, 3, 5)])
def embedding_lstm_dense():
    return keras.Sequential([keras.Input((None,)), L.Embedding(7, 4, mask_zero=True), L.LSTM(5), L.Dense(2, activation="sigmoid")])


@case(inputs=lambda rng: [exact(rng, 2, 4, 3)])
def gru():
    return keras.Sequential([keras.Input((4, 3)), L.GRU(5, return_sequences=True), L.GRU(2, reset_after=False, activation="relu")])


@case(inputs=lambda rng: [exact(rng, 2, 4, 3)])
def simple_rnn_without_bias():
    return keras.Sequential([keras.Input((None, 3)), L.SimpleRNN(5, use_bias=False, go_backwards=True), L.Dense(3, use_bias=False)])


def series(*shape):
    return lambda rng: [exact(rng, *shape)]


def sequential(*layers, shape=(None, 3)):
    """A function that makes a Sequential model of layers that functions make."""
    return lambda: keras.Sequential([keras.Input(shape), *(layer() for layer in layers)])


def chain(name, *layers, shape=(None, 3), inputs=None, **options):
    build = sequential(*layers, shape=shape)
    build.__name__ = name
    case(build, inputs=inputs or series(2, *(size or 4 for size in shape)), **options)


chain("lstm_options", lambda: L.LSTM(3, activation="softsign", recurrent_activation="hard_sigmoid", unit_forget_bias=False, dropout=0.2, recurrent_dropout=0.1, seed=3, kernel_initializer=keras.initializers.HeNormal(seed=2), recurrent_initializer=keras.initializers.Orthogonal(gain=0.5), bias_initializer=keras.initializers.Constant(0.25), kernel_regularizer=keras.regularizers.L1L2(0.1, 0.2), recurrent_regularizer=keras.regularizers.L1(0.3), bias_regularizer="l2", activity_regularizer=keras.regularizers.L2(0.1), kernel_constraint=keras.constraints.MaxNorm(3, axis=0), recurrent_constraint=keras.constraints.NonNeg(), bias_constraint=keras.constraints.MinMaxNorm(0.1, 2.0, rate=0.5)))
chain("gru_states_backwards", lambda: L.GRU(4, go_backwards=True, return_sequences=True, unroll=True), lambda: L.GRU(2), shape=(4, 3))
chain("stacked_rnn_cells", lambda: L.RNN([L.LSTMCell(3), L.GRUCell(2, reset_after=False), L.SimpleRNNCell(4)], return_sequences=True))
chain("two_cells_of_a_class", lambda: L.RNN([L.GRUCell(3), L.GRUCell(2)]))
chain("rnn_of_one_cell", lambda: L.RNN(L.GRUCell(3), go_backwards=True))
for mode in ("concat", "sum", "mul", "ave"):
    chain(f"bidirectional_{mode}", lambda mode=mode: L.Bidirectional(L.LSTM(3, return_sequences=mode != "sum"), merge_mode=mode))
chain("bidirectional_two_layers", lambda: L.Bidirectional(L.GRU(3), backward_layer=L.LSTM(2, go_backwards=True)))
chain("bidirectional_rnn", lambda: L.Bidirectional(L.RNN([L.LSTMCell(2), L.GRUCell(2)], return_sequences=True)))
chain("masking", lambda: L.Masking(0.5), lambda: L.LSTM(3, return_sequences=True, zero_output_for_mask=True), inputs=lambda rng: [np.where(rng.random((3, 5, 1)) < 0.4, 0.5, exact(rng, 3, 5, 3))])
chain("time_distributed", lambda: L.TimeDistributed(L.Dense(4, activation="relu")), lambda: L.GlobalAveragePooling1D(), shape=(4, 3))
chain("time_distributed_model", lambda: L.TimeDistributed(keras.Sequential([keras.Input((3,)), L.Dense(2), L.Dense(3)])), lambda: L.GlobalMaxPooling1D(keepdims=True), shape=(4, 3))
chain("normalizations", lambda: L.BatchNormalization(momentum=0.9, epsilon=0.01), lambda: L.LayerNormalization(center=False), lambda: L.BatchNormalization(scale=False), shape=(4, 3))
chain("convolutions", lambda: L.Conv1D(4, 3, padding="causal", dilation_rate=2, activation="relu"), lambda: L.MaxPooling1D(2, strides=1), lambda: L.AveragePooling1D(2, padding="same"), lambda: L.Conv1D(4, 2, groups=2, use_bias=False), lambda: L.ZeroPadding1D(1), lambda: L.Cropping1D((1, 0)), lambda: L.UpSampling1D(2), lambda: L.Flatten(), shape=(9, 3))
chain("convolutions_2d", lambda: L.Conv2D(2, (2, 3), strides=(1, 2), padding="same"), lambda: L.MaxPooling2D(2), lambda: L.Flatten(), lambda: L.Dense(2), shape=(6, 6, 2))
chain("activations", lambda: L.Dense(4, activation="gelu"), lambda: L.LeakyReLU(0.2), lambda: L.ELU(0.7), lambda: L.ReLU(max_value=6, negative_slope=0.1, threshold=0.2), lambda: L.PReLU(shared_axes=[1]), lambda: L.Activation("swish"), lambda: L.Softmax(), shape=(4, 3))
chain("noise_and_dropout", lambda: L.GaussianNoise(0.1), lambda: L.GaussianDropout(0.2), lambda: L.SpatialDropout1D(0.3), lambda: L.ActivityRegularization(0.1, 0.2), lambda: L.Dropout(0.4, seed=7), lambda: L.Dense(2, kernel_initializer="he_uniform"), shape=(4, 3))
chain("shapes", lambda: L.Dense(6), lambda: L.Reshape((2, 3)), lambda: L.Permute((2, 1)), lambda: L.Flatten(), lambda: L.RepeatVector(3), shape=(4,))
chain("frozen", lambda: L.Dense(4, trainable=False), lambda: L.Dense(2), shape=(3,))
chain("rescaled_by_weights", lambda: L.Dense(3, activation=None, kernel_initializer=keras.initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal", seed=1)), shape=(3,))


@case(inputs=lambda rng: [exact(rng, 2, 4, 3), exact(rng, 2, 5)])
def states_of_an_encoder():
    source, start = keras.Input((None, 3), name="source"), keras.Input((5,), name="start")
    output, h, c = L.LSTM(5, return_sequences=True, return_state=True)(source, initial_state=[start, start])
    decoded = L.LSTM(5, return_sequences=True)(output, initial_state=[h, c])
    return keras.Model([source, start], [decoded, c])


@case(inputs=lambda rng: [ids(rng, 3, 6), ids(rng, 3, 6)])
def shared_layers_and_masks():
    left, right = keras.Input((None,), name="left"), keras.Input((None,), name="right")
    embedding, lstm = L.Embedding(7, 4, mask_zero=True), L.LSTM(3)
    a, b = lstm(embedding(left)), lstm(embedding(right))
    return keras.Model([left, right], L.Dense(1)(L.Concatenate()([a, b, L.Subtract()([a, b]), L.Multiply()([a, b])])))


@case(inputs=lambda rng: [ids(rng, 3, 6), ids(rng, 3, 6)])
def merged_masks():
    left, right = keras.Input((None,)), keras.Input((None,))
    a, b = L.Embedding(7, 4, mask_zero=True)(left), L.Embedding(7, 4, mask_zero=True)(right)
    added = L.GRU(3)(L.Add()([a, b]))
    joined = L.SimpleRNN(3)(L.Concatenate()([a, b]))
    return keras.Model([left, right], [L.Maximum()([added, joined]), L.Minimum()([added, joined]), L.Average()([added, joined])])


@case(inputs=lambda rng: [exact(rng, 2, 4, 3), rng.random((2, 4)) < 0.6])
def mask_as_input():
    x, mask = keras.Input((None, 3)), keras.Input((None,), dtype="bool")
    return keras.Model([x, mask], L.Dense(2)(L.Bidirectional(L.LSTM(3, return_sequences=True))(x, mask=mask)))


@case(inputs=lambda rng: [exact(rng, 2, 4, 3)])
def nested_models():
    inner_input = keras.Input((None, 3))
    inner = keras.Model(inner_input, L.Dense(2)(L.GRU(4, return_sequences=True)(inner_input)), name="inner")
    head = keras.Sequential([L.Dense(3), L.Dense(2, activation="tanh")], name="head")
    x = keras.Input((None, 3))
    return keras.Model(x, head(L.GlobalAveragePooling1D()(L.Add()([inner(x), inner(L.Dense(3)(x))]))))


@case(inputs=lambda rng: [exact(rng, 2, 4, 3), exact(rng, 2, 5, 3)])
def attention():
    query, value = keras.Input((None, 3)), keras.Input((None, 3))
    a = L.Attention(use_scale=True)([query, value])
    b = L.AdditiveAttention()([query, value])
    c, scores = L.MultiHeadAttention(2, 4, value_dim=3)(query, value, return_attention_scores=True)
    d = L.MultiHeadAttention(2, 3, use_bias=False, output_shape=5)(a, a, use_causal_mask=True)
    return keras.Model([query, value], [L.Concatenate()([a, b, c, d]), scores])


@case(inputs=lambda rng: [ids(rng, 3, 6)])
def attention_with_masks():
    x = keras.Input((None,))
    embedded = L.Embedding(7, 4, mask_zero=True)(x)
    attended = L.MultiHeadAttention(2, 4)(embedded, embedded)
    return keras.Model(x, L.GlobalAveragePooling1D()(L.LayerNormalization()(L.Add()([embedded, attended]))))


@case(inputs=lambda rng: [exact(rng, 2, 3), exact(rng, 2, 3)])
def functions_between_layers():
    a, b = keras.Input((3,)), keras.Input((3,))
    x = L.Dense(3)(a) * 2.0 + b - 0.5
    return keras.Model([a, b], [keras.ops.tanh(x) / 3.0, keras.ops.mean(x, axis=1, keepdims=True), L.Dot(axes=1, normalize=True)([x, b])])


@case(inputs=lambda rng: [exact(rng, 2, 4, 3), exact(rng, 2, 3)])
def named_outputs():
    inputs = {"steps": keras.Input((None, 3), name="steps"), "profile": keras.Input((3,), name="profile")}
    x = L.Concatenate()([L.GRU(3)(inputs["steps"]), inputs["profile"]])
    return keras.Model([inputs["steps"], inputs["profile"]], {"price": L.Dense(1, name="p")(x), "class": L.Dense(3, activation="softmax", name="c")(x)})


@case(inputs=lambda rng: [exact(rng, 3, 4, 3)])
def stateful():
    return keras.Sequential([keras.Input((4, 3), batch_size=3), L.LSTM(3, stateful=True), L.Dense(1)])


@case(inputs=lambda rng: [exact(rng, 2, 3)])
def input_that_is_an_output():
    x = keras.Input((3,))
    return keras.Model(x, [L.Dense(2)(x), L.Activation("linear")(x)])


# What the layers of the first cases leave out.
for activation in ("mish", "hard_silu", "softplus"):
    chain(f"dense_{activation}", lambda activation=activation: L.Dense(4, activation=activation), lambda: L.Dense(2, activation="log_softmax" if activation == "mish" else None), shape=(3,))
chain("separable_convolutions", lambda: L.SeparableConv1D(4, 3, depth_multiplier=2, padding="same"), lambda: L.DepthwiseConv1D(2), lambda: L.GlobalMaxPooling1D(), shape=(7, 3))
chain("transposed_convolutions", lambda: L.Conv1DTranspose(3, 3, strides=2, padding="same"), lambda: L.Conv1D(2, 2, strides=2, use_bias=False), shape=(6, 2))
chain("group_normalizations", lambda: L.Dense(4), lambda: L.GroupNormalization(2), lambda: L.UnitNormalization(), lambda: L.LayerNormalization(axis=[1, 2]), shape=(4, 3))
chain("masks_through_wrappers", lambda: L.Embedding(7, 4, mask_zero=True), lambda: L.Bidirectional(L.GRU(3, return_sequences=True), merge_mode="sum"), lambda: L.TimeDistributed(L.Dense(2)), lambda: L.SimpleRNN(2, activation="relu"), shape=(None,), inputs=lambda rng: [ids(rng, 3, 5)])
chain("stateful_cells", lambda: L.RNN([L.SimpleRNNCell(3), L.LSTMCell(2)]), lambda: L.Dense(1), shape=(4, 2))


@case(inputs=lambda rng: [exact(rng, 2, 4, 3), exact(rng, 2, 4, 3)])
def shared_models_inside_of_models():
    steps = keras.Input((None, 3))
    cell = keras.Sequential([L.Dense(4, activation="tanh"), L.LSTM(3, return_sequences=True)], name="cell")
    tower = keras.Model(steps, [cell(steps), L.GlobalMaxPooling1D()(cell(steps))], name="tower")
    a, b = keras.Input((None, 3)), keras.Input((None, 3))
    (_, left), (right, _) = tower(a), tower(b)
    return keras.Model([a, b], [L.Dense(2)(L.Concatenate()([left, L.GlobalAveragePooling1D()(right)])), left])


@case(inputs=lambda rng: [ids(rng, 3, 6), exact(rng, 3, 2)])
def masks_and_states():
    words, profile = keras.Input((None,)), keras.Input((2,))
    x = L.Embedding(7, 4, mask_zero=True)(words)
    start = L.Dense(3, activation="tanh")(profile)
    # A mask does not reach a layer that is given states in Keras.
    _, state = L.GRU(3, return_sequences=True, return_state=True)(L.Embedding(7, 2)(words), initial_state=start)
    return keras.Model([words, profile], [L.LSTM(2, go_backwards=True)(x), L.Average()([state, start])])


@case(inputs=lambda rng: [exact(rng, 2, 5, 4)])
def self_attention():
    x = keras.Input((5, 4))
    y = L.LayerNormalization()(L.Add()([x, L.MultiHeadAttention(2, 3)(x, x, use_causal_mask=True)]))
    y = L.LayerNormalization()(L.Add()([y, L.Dense(4)(L.Dense(6, activation="gelu")(y))]))
    return keras.Model(x, L.Dense(2)(L.GlobalAveragePooling1D()(y)))


@case(inputs=lambda rng: [exact(rng, 2, 6, 2)])
def inception():
    x = keras.Input((6, 2))
    parts = [L.Conv1D(2, size, padding="same", activation="relu")(x) for size in (1, 2, 3)] + [L.MaxPooling1D(3, strides=1, padding="same")(x)]
    y = L.ReLU()(L.BatchNormalization()(L.Concatenate()(parts)))
    return keras.Model(x, [L.Dense(1)(L.GlobalAveragePooling1D()(y)), L.Permute((2, 1))(y)])


@case(inputs=lambda rng: [exact(rng, 2, 3), exact(rng, 2, 3)])
def arithmetic():
    a, b = keras.Input((3,)), keras.Input((3,))
    x = keras.ops.sigmoid(L.Dense(3)(a)) * (1.0 - keras.ops.square(b))
    return keras.Model([a, b], [keras.ops.maximum(x, b), keras.ops.sum(keras.ops.abs(x), axis=1, keepdims=True), keras.ops.expand_dims(keras.ops.exp(x), axis=1)])


@keras.saving.register_keras_serializable("golden")
class Halved(L.Layer):
    """A class of a user: what Backtime's test registers under the same name computes the same."""

    def __init__(self, scale=2.0, **options):
        super().__init__(**options)
        self.scale = scale

    def build(self, shape):
        self.shift = self.add_weight(name="shift", shape=(shape[-1],), initializer="zeros")
        self.built = True

    def call(self, x):
        return x / self.scale + self.shift

    def get_config(self):
        return {**super().get_config(), "scale": self.scale}


chain("registered_class", lambda: L.Dense(4), lambda: Halved(4.0), lambda: L.Dense(2), shape=(3,))


@case(inputs=lambda rng: [exact(rng, 2, 4, 3)])
def mixed_types():
    # The outputs that are noted are those without the loss of digits.
    low, high = ("mixed_bfloat16", "float32") if keras.backend.floatx() == "float32" else ("float64", "float64")
    x = keras.Input((4, 3))
    return keras.Model(x, L.Dense(1, dtype=high)(L.LSTM(3, dtype=low)(L.Dense(3, dtype=high)(x))))


@case(inputs=lambda rng: [exact(rng, 2, 3)])
def inner_models_as_outputs():
    """Keras counts the uses of a model from 1 where they are outputs, and from 0 in calls."""
    x = keras.Input((3,))
    innermost = keras.Model(x, L.Dense(3, activation="tanh")(x))
    y = keras.Input((3,))
    inner = keras.Model(y, innermost(L.Dense(3)(y)))
    z = keras.Input((3,))
    first = inner(z)
    return keras.Model(z, [inner(first), first, L.AlphaDropout(0.2)(inner(L.Dense(3)(first)))])


@case(inputs=lambda rng: [exact(rng, 3, 4, 3, 2)])
def pooled_in_batches_of_a_size():
    x = keras.Input((4, 3, 2), batch_size=3)
    inner = keras.Sequential([keras.Input((4, 3, 2), batch_size=3), L.GlobalMaxPooling2D(keepdims=True)])
    return keras.Model(x, [inner(x), L.GlobalAveragePooling2D(keepdims=True)(x)])


def main():
    case.write("kerasFiles", made)
