"""Parameters that Keras counts in networks of test/programs whose source publishes no number."""

from common import write

import keras
from keras import Input, Model, layers as L, ops


def sequential(*layers):
    return keras.Sequential(list(layers))


class Positions(L.Layer):
    def build(self, shape):
        self.positions = self.add_weight(shape=shape[1:], name="positions")

    def call(self, x):
        return x + self.positions


def embed(words, features, ids):
    return Positions()(L.Embedding(words, features)(ids))


def block(x, features, heads, hidden):
    x = L.LayerNormalization()(x + L.MultiHeadAttention(heads, features)(x, x))
    return L.LayerNormalization()(x + L.Dense(features)(L.Dense(hidden)(x)))


def text_transformer():
    ids = Input((200,))
    x = L.GlobalAveragePooling1D()(block(embed(20_000, 32, ids), 32, 2, 32))
    return Model(ids, L.Dense(2)(L.Dense(20)(x)))


def series_transformer():
    x = inputs = Input((500, 1))
    for _ in range(4):
        attended = L.LayerNormalization()(L.MultiHeadAttention(4, 256)(x, x)) + x
        x = L.LayerNormalization()(L.Conv1D(1, 1)(L.Conv1D(4, 1)(attended))) + attended
    return Model(inputs, L.Dense(2)(L.Dense(128)(L.GlobalAveragePooling1D(data_format="channels_first")(x))))


def tagging_transformer():
    ids = Input((128,))
    return Model(ids, L.Dense(10)(L.Dense(64)(block(embed(20_000, 32, ids), 32, 4, 64))))


def miniature_gpt():
    ids = Input((80,))
    return Model(ids, L.Dense(20_000)(block(embed(20_000, 256, ids), 256, 2, 256)))


def translation_transformer():
    english, spanish = Input((20,)), Input((20,))
    encoded = block(embed(15_000, 256, english), 256, 8, 2048)
    x = embed(15_000, 256, spanish)
    x = L.LayerNormalization()(x + L.MultiHeadAttention(8, 256)(x, x))
    x = L.LayerNormalization()(x + L.MultiHeadAttention(8, 256)(x, encoded))
    x = L.LayerNormalization()(x + L.Dense(256)(L.Dense(2048)(x)))
    return Model([english, spanish], L.Dense(15_000)(x))


def engines():
    blocks = [layer for _ in range(3) for layer in (L.Conv1D(64, 3, padding="same"), L.BatchNormalization())]
    return sequential(Input((500, 1)), *blocks, L.GlobalAveragePooling1D(), L.Dense(2))


def anomalies():
    same = {"padding": "same", "strides": 2}
    return sequential(Input((288, 1)), L.Conv1D(32, 7, **same), L.Conv1D(16, 7, **same), L.Conv1DTranspose(16, 7, **same), L.Conv1DTranspose(32, 7, **same), L.Conv1DTranspose(1, 7, padding="same"))


def raw_texts():
    return sequential(Input((500,)), L.Embedding(20_000, 128), L.Conv1D(128, 7, strides=3), L.Conv1D(128, 7, strides=3), L.GlobalMaxPooling1D(), L.Dense(128), L.Dense(1))


def speakers():
    x = inputs = Input((8000, 1))
    for filters, count in ((16, 2), (32, 2), (64, 3), (128, 3), (128, 3)):
        shortcut = L.Conv1D(filters, 1, padding="same")(x)
        for _ in range(count):
            x = L.Conv1D(filters, 3, padding="same")(x)
        x = L.MaxPooling1D(2, 2)(x + shortcut)
    x = L.Flatten()(L.AveragePooling1D(3, 3)(x))
    return Model(inputs, L.Dense(5)(L.Dense(128)(L.Dense(256)(x))))


def brain_waves():
    convolutions = [layer for filters, size in ((32, 3), (64, 3), (128, 3), (256, 3), (512, 5)) for layer in (L.Conv1D(filters, size, strides=2, padding="same"), L.BatchNormalization())]
    return sequential(Input((512, 1)), *convolutions, L.Flatten(), L.Dense(2048), L.Dense(1024), L.Dense(8))


def time_machine(*recurrent):
    return sequential(Input((None, 28)), *recurrent, L.Dense(28))


def context_translation():
    english, french = Input((None,)), Input((9,))
    below, below_state = L.GRU(256, return_sequences=True, return_state=True)(L.Embedding(200, 256)(english))
    _, state = L.GRU(256, return_sequences=True, return_state=True)(below)
    x = L.Concatenate()([L.Embedding(200, 256)(french), L.RepeatVector(9)(state)])
    x = L.GRU(256, return_sequences=True)(x, initial_state=below_state)
    return Model([english, french], L.Dense(200)(L.GRU(256, return_sequences=True)(x, initial_state=state)))


def both_ends():
    ids = Input((None,))
    x = L.Embedding(49_346, 100)(ids)
    for _ in range(2):
        x = L.Bidirectional(L.LSTM(100, return_sequences=True))(x)
    return Model(ids, L.Dense(2)(L.Concatenate()([x[:, 0], x[:, -1]])))


def text_cnn():
    ids = Input((None,))
    x = L.Concatenate()([L.Embedding(49_346, 100)(ids), L.Embedding(49_346, 100)(ids)])
    parts = [L.GlobalMaxPooling1D()(L.Conv1D(100, width)(x)) for width in (3, 4, 5)]
    return Model(ids, L.Dense(2)(L.Concatenate()(parts)))


def inference():
    a, b = Input((6,)), Input((5,))
    embedding = L.Embedding(18_678, 100)
    attend, compare, aggregate = (sequential(Input(shape), L.Dense(200), L.Dense(200)) for shape in ((None, 100), (None, 200), (400,)))
    x, z = embedding(a), embedding(b)
    scores = L.Dot((2, 2))([attend(x), attend(z)])
    beside = [[x, L.Dot((2, 1))([L.Softmax()(scores), z])], [z, L.Dot((2, 1))([L.Softmax()(L.Permute((2, 1))(scores)), x])]]
    sums = [ops.sum(compare(L.Concatenate()(pair)), axis=1) for pair in beside]
    return Model([a, b], L.Dense(3)(aggregate(L.Concatenate()(sums))))


def block_rnn():
    return sequential(Input((24, 1)), L.LSTM(25), L.Dense(12))


def tcn():
    x = inputs = Input((24, 1))
    for rate in (1, 2, 4):
        outer = L.Conv1D(3, 3, padding="causal", dilation_rate=rate)(L.Conv1D(3, 3, padding="causal", dilation_rate=rate)(x))
        x = outer + L.Conv1D(3, 1)(x)
    return Model(inputs, L.Dense(12)(x[:, -1]))


def nbeats():
    inputs = Input((24, 1))
    rest, forecasts = L.Flatten()(inputs), []
    for level in range(3):
        x = rest
        for _ in range(4):
            x = L.Dense(256)(x)
        forecasts.append(L.Dense(12)(x))
        if level < 2:
            rest = rest - L.Dense(24)(x)
    return Model(inputs, L.Add()(forecasts))


def nhits():
    rest = inputs = Input((24, 1))
    forecasts = []
    for size in (4, 2, 1):
        x = L.Flatten()(L.MaxPooling1D(size)(rest))
        for _ in range(2):
            x = L.Dense(512)(x)
        forecasts.append(L.UpSampling1D(size)(L.Reshape((-1, 1))(L.Dense(12 // size)(x))))
        if size > 1:
            rest = rest - L.UpSampling1D(size)(L.Reshape((-1, 1))(L.Dense(24 // size)(x)))
    return Model(inputs, L.Add()(forecasts))


def dlinear():
    inputs = Input((24, 1))
    trend = L.AveragePooling1D(25, 1, padding="same")(inputs)
    return Model(inputs, L.Dense(12)(L.Flatten()(trend)) + L.Dense(12)(L.Flatten()(inputs - trend)))


def rnn_model():
    return sequential(Input((None, 1)), L.LSTM(40, return_sequences=True), L.LSTM(40, return_sequences=True), L.Dense(1))


def mqrnn():
    return sequential(Input((24, 1)), L.LSTM(64), L.Dense(64), L.RepeatVector(12), L.LSTM(64, return_sequences=True), L.Dense(3))


def inception_time():
    x = inputs = Input((100, 1))
    for level in range(3):
        narrow = L.Conv1D(32, 1, padding="same", use_bias=False)(x) if level else x
        parts = [L.Conv1D(32, size, padding="same", use_bias=False)(narrow) for size in (40, 20, 10)]
        pooled = L.Conv1D(32, 1, padding="same", use_bias=False)(L.MaxPooling1D(3, 1, padding="same")(x))
        x = L.BatchNormalization()(L.Concatenate()([*parts, pooled]))
    x = x + L.BatchNormalization()(L.Conv1D(128, 1, use_bias=False)(inputs))
    return Model(inputs, L.Dense(2)(L.GlobalAveragePooling1D()(x)))


def lstm_fcn():
    x = inputs = Input((100, 1))
    for filters, size in ((128, 8), (256, 5), (128, 3)):
        x = L.BatchNormalization()(L.Conv1D(filters, size, padding="same")(x))
    remembered = L.LSTM(8)(L.Permute((2, 1))(inputs))
    return Model(inputs, L.Dense(2)(L.Concatenate()([remembered, L.GlobalAveragePooling1D()(x)])))


def resnet():
    x = inputs = Input((100, 1))
    for filters in (64, 128, 128):
        inner = x
        for size in (8, 5, 3):
            inner = L.BatchNormalization()(L.Conv1D(filters, size, padding="same")(inner))
        shortcut = x if x.shape[-1] == filters else L.Conv1D(filters, 1)(x)
        x = L.BatchNormalization()(shortcut) + inner
    return Model(inputs, L.Dense(2)(L.GlobalAveragePooling1D()(x)))


def toxic():
    ids = Input((100,))
    x = L.Bidirectional(L.GRU(80, return_sequences=True))(L.Embedding(30_000, 300)(ids))
    return Model(ids, L.Dense(6)(L.Concatenate()([L.GlobalAveragePooling1D()(x), L.GlobalMaxPooling1D()(x)])))


def ventilator():
    recurrent = [L.Bidirectional(L.LSTM(units, return_sequences=True)) for units in (1024, 512, 256, 128)]
    return sequential(Input((80, 25)), *recurrent, L.Dense(128), L.Dense(1))


def stores():
    sales, shop, product = Input((30, 4)), Input(()), Input(())
    who = L.Concatenate()([L.Embedding(54, 8)(shop), L.Embedding(33, 8)(product)])
    x = L.LSTM(64)(L.LSTM(64, return_sequences=True)(L.Concatenate()([sales, L.RepeatVector(30)(who)])))
    return Model([sales, shop, product], L.Dense(16)(L.Dense(64)(L.Concatenate()([x, who]))))


def dates():
    date, written = Input((12,)), Input((10,))
    encoded, last, _ = L.LSTM(64, return_sequences=True, return_state=True)(L.Embedding(35, 64)(date))
    decoded = L.LSTM(64, return_sequences=True)(L.Embedding(13, 64)(written), initial_state=[last, last])
    context = L.Dot((2, 1))([L.Softmax()(L.Dot((2, 2))([decoded, encoded])), encoded])
    return Model([date, written], L.Dense(13)(L.Dense(64)(L.Concatenate()([context, decoded]))))


PROGRAMS = {
    "sentiment of film reviews by a Transformer": text_transformer,
    "faults of engines by a Transformer": series_transformer,
    "names in texts by a Transformer": tagging_transformer,
    "texts by a miniature GPT": miniature_gpt,
    "translation to Spanish by a Transformer": translation_transformer,
    "faults of engines from scratch": engines,
    "anomalies by an autoencoder of convolutions": anomalies,
    "sentiment of film reviews from raw texts": raw_texts,
    "speakers by residual convolutions": speakers,
    "intentions in brain waves": brain_waves,
    "The Time Machine by a recurrent network": lambda: time_machine(L.SimpleRNN(32, return_sequences=True)),
    "The Time Machine by a GRU": lambda: time_machine(L.GRU(32, return_sequences=True)),
    "The Time Machine by two LSTMs": lambda: time_machine(*(L.LSTM(32, return_sequences=True) for _ in range(2))),
    "translation to French, the context at each step": context_translation,
    "sentiment by the first and the last step in both directions": both_ends,
    "sentiment by convolutions of three widths (TextCNN)": text_cnn,
    "what follows from a sentence (decomposable attention)": inference,
    "BlockRNNModel, an LSTM": block_rnn,
    "TCNModel, residual causal convolutions": tcn,
    "N-BEATS, generic blocks": nbeats,
    "N-HiTS, blocks of several resolutions": nhits,
    "DLinear, trend and remainder": dlinear,
    "RNNModel, a forecast at each step by a Cauchy likelihood": rnn_model,
    "MQRNN, quantiles of each step ahead": mqrnn,
    "InceptionTime": inception_time,
    "LSTM-FCN": lstm_fcn,
    "ResNet of series": resnet,
    "toxic comments by a GRU in both directions and two poolings": toxic,
    "pressure of a ventilator at each step": ventilator,
    "sales of shops and products, embedded, with what is known of each day": stores,
    "dates in another form, with attention": dates,
}


def main():
    write("programs", {"programs": [{"name": name, "parameters": network().count_params()} for name, network in PROGRAMS.items()]})
