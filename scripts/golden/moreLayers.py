"""Layers beyond the recurrent ones: outputs, and all gradients of sum(output * upstream)."""

from common import camel_keys, exact, generator, jax, jnp, keras, np, set_exact_weights, tensor, write

L = keras.layers
B, T, D = 3, 5, 4


def case(rng, name, layers, x, mask=None, training=False, values=None):
    """`layers` are (type, arguments, options); `mask` [B, T] is the mask of the first one's input; `values` are weights by layer."""
    source = keras.Input(x.shape[1:], dtype="int32" if x.dtype.kind == "i" else "float64")
    inputs, value = [source], source
    for index, (kind, arguments, options) in enumerate(layers):
        layer = make(kind, arguments, options)
        if index == 0 and mask is not None:
            given = keras.Input((x.shape[1],), dtype="bool")
            inputs.append(given)
            # Softmax's mask has the axes of its input; that of other layers is one of steps.
            value = layer(value, mask=keras.ops.expand_dims(given, -1) if kind == "Softmax" else given)
        else:
            value = layer(value)
        set_exact_weights(layer, rng)
        if kind == "BatchNormalization":
            *others, variance = layer.get_weights()
            layer.set_weights([*others, np.abs(variance) + 0.5])
        if values and index in values:
            layer.set_weights(values[index])
    model = keras.Model(inputs, value)
    weights = [variable.value for variable in model.trainable_variables]
    others = [variable.value for variable in model.non_trainable_variables]
    data = [x] if mask is None else [x, mask]
    run = lambda weights, x: model.stateless_call(weights, others, [x, *data[1:]], training=training)  # noqa: E731
    output, after = run(weights, x)
    upstream = exact(rng, *output.shape)
    loss = lambda weights, x: jnp.sum(run(weights, x)[0] * upstream)  # noqa: E731
    integers = x.dtype.kind == "i"
    return {
        "name": name,
        "layers": [{"type": kind, "arguments": list(arguments), "options": plain(options)} for kind, arguments, options in layers],
        "inputs": [tensor(each) for each in data],
        "ids": integers,
        "training": training,
        "weights": [tensor(weight) for weight in model.get_weights()],
        "output": tensor(output),
        "upstream": tensor(upstream),
        "gradients": [tensor(gradient) for gradient in jax.grad(loss)(weights, x)],
        "gradientOfX": None if integers else tensor(jax.grad(loss, argnums=1)(weights, x)),
        "after": [tensor(each) for each, variable in zip(after, model.non_trainable_variables) if "seed" not in variable.path],
    }


def make(kind, arguments, options):
    """A layer; of a wrapper the first argument is the layer inside, described like one."""
    inside = [make(*argument) if isinstance(argument, tuple) else argument for argument in arguments]
    return getattr(L, kind)(*inside, **options)


def plain(options):
    return {name.replace("keepdims", "keepDims"): value for name, value in camel_keys(options).items()}


def padded(rng, *shape):
    """Sequences with zeros behind, before, in the middle and everywhere."""
    x = exact(rng, *shape)
    x[0, 3:], x[1, :2], x[2, 2] = 0, 0, 0
    return np.concatenate([x, np.zeros((1, *shape[1:]))])


def steps(rng):
    return padded(rng, B, T, 1)[..., 0] != 0


def activations(rng):
    x = exact(rng, B, T, D)
    for slope in [0.3, 0.0, 1.5]:
        yield case(rng, f"LeakyReLU {slope}", [("LeakyReLU", [slope], {})], x)
    for alpha in [1.0, 0.25]:
        yield case(rng, f"ELU {alpha}", [("ELU", [alpha], {})], x)
    for options in [
        {},
        {"max_value": 0.5},
        {"negative_slope": 0.25},
        {"threshold": 0.5},
        {"max_value": 1.0, "negative_slope": 0.5, "threshold": 0.25},
        {"max_value": 0.25, "threshold": 0.75},
    ]:
        yield case(rng, f"ReLU {options}", [("ReLU", [], options)], x)
    yield case(rng, "PReLU", [("PReLU", [], {})], x)
    yield case(rng, "PReLU shared over steps", [("PReLU", [], {"shared_axes": [1]})], x)
    yield case(rng, "PReLU shared over features", [("PReLU", [], {"shared_axes": [2]})], x)
    image = exact(rng, B, 4, 3, 2)
    yield case(rng, "PReLU of three axes", [("PReLU", [], {})], image)
    yield case(rng, "PReLU of three axes, shared over the second", [("PReLU", [], {"shared_axes": [2]})], image)
    for axis in [-1, 1, 2]:
        yield case(rng, f"Softmax over axis {axis}", [("Softmax", [], {"axis": axis})], x)
    for axis in [1, 2, -1]:
        yield case(rng, f"Softmax of three axes over axis {axis}", [("Softmax", [], {"axis": axis})], image)
    masked = exact(rng, B + 1, T, D)
    yield case(rng, "Softmax over masked steps", [("Softmax", [], {"axis": 1})], masked, steps(rng))


def noise(rng):
    x = exact(rng, B, T, D)
    for kind, argument in [("GaussianNoise", 0.5), ("GaussianDropout", 0.5), ("SpatialDropout1D", 0.5)]:
        yield case(rng, f"{kind} outside training", [(kind, [argument], {})], x)


def masks(rng):
    """Masks go on through these layers, which the recurrent one shows."""
    tail = [("GRU", [3], {})]
    for kind, arguments, options in [
        ("LeakyReLU", [0.3], {}),
        ("PReLU", [], {"shared_axes": [1]}),
        ("GaussianNoise", [0.5], {}),
        ("SpatialDropout1D", [0.5], {}),
        ("ActivityRegularization", [], {"l2": 0.5}),
    ]:
        yield case(rng, f"a mask through {kind}", [("Masking", [], {}), (kind, arguments, options), *tail], padded(rng, B, T, D))


def ranks(rng):
    yield case(rng, "Dense of three axes", [("Dense", [3], {"activation": "tanh"})], exact(rng, B, 4, 3, 2))
    yield case(rng, "Dense of four axes", [("Dense", [3], {"activation": "softmax"})], exact(rng, 2, 3, 4, 3, 2))


def pooling(rng):
    x, image = exact(rng, B, 7, D), exact(rng, B, 5, 6, 2)
    # Equal numbers: the gradient goes to the first of them.
    x[0, 1] = x[0, 2]
    for kind in ["MaxPooling1D", "AveragePooling1D"]:
        for size, options in [(2, {}), (3, {"strides": 2}), (3, {"strides": 1, "padding": "same"}), (2, {"padding": "same"}), (2, {"strides": 3})]:
            yield case(rng, f"{kind} {size} {options}", [(kind, [size], options)], x)
    for kind in ["MaxPooling2D", "AveragePooling2D"]:
        for size, options in [(2, {}), ([2, 3], {"strides": [1, 2]}), (3, {"strides": 2, "padding": "same"}), ([3, 2], {"padding": "same"})]:
            yield case(rng, f"{kind} {size} {options}", [(kind, [size], options)], image)
    for kind in ["GlobalMaxPooling1D", "GlobalAveragePooling1D"]:
        for keep in [False, True]:
            yield case(rng, f"{kind} keepdims {keep}", [(kind, [], {"keepdims": keep})], x)
    masked = exact(rng, 3, T, D)
    for keep in [False, True]:
        yield case(rng, f"GlobalAveragePooling1D of steps that count, keepdims {keep}", [("GlobalAveragePooling1D", [], {"keepdims": keep})], masked, steps(rng)[:3])
    yield case(rng, "GlobalAveragePooling1D after Masking", [("Masking", [], {}), ("GlobalAveragePooling1D", [], {})], padded(rng, B, T, D)[:3])


def resizing(rng):
    x = exact(rng, B, 7, D)
    for padding in [1, 3, [2, 0], [0, 1]]:
        yield case(rng, f"ZeroPadding1D {padding}", [("ZeroPadding1D", [padding], {})], x)
    for cropping in [1, 3, [2, 0], [0, 1]]:
        yield case(rng, f"Cropping1D {cropping}", [("Cropping1D", [cropping], {})], x)
    for size in [1, 2, 3]:
        yield case(rng, f"UpSampling1D {size}", [("UpSampling1D", [size], {})], x)
    yield case(rng, "ZeroPadding1D, MaxPooling1D, UpSampling1D and Cropping1D", [("ZeroPadding1D", [1], {}), ("MaxPooling1D", [3], {}), ("UpSampling1D", [2], {}), ("Cropping1D", [[1, 2]], {})], x)


def convolution(rng):
    x = exact(rng, B, 8, D)
    for options in [
        {},
        {"padding": "same"},
        {"padding": "causal"},
        {"strides": 2},
        {"strides": 2, "padding": "same"},
        {"strides": 3, "padding": "same", "activation": "tanh"},
        {"strides": 2, "padding": "causal"},
        {"dilation_rate": 2},
        {"dilation_rate": 2, "padding": "same"},
        {"dilation_rate": 3, "padding": "causal", "activation": "relu"},
        {"groups": 2},
        {"groups": 2, "padding": "same", "use_bias": False, "activation": "softmax"},
        {"groups": 4, "strides": 2, "activation": "mish"},
    ]:
        filters = 8 if options.get("groups") == 4 else 6
        yield case(rng, f"Conv1D {options}", [("Conv1D", [filters, 3], options)], x)
    for size in [1, 2, 8]:
        yield case(rng, f"Conv1D of {size} steps", [("Conv1D", [3, size], {})], x)
    yield case(rng, "Conv1D of 4 steps, same", [("Conv1D", [3, 4], {"padding": "same"})], x)
    yield case(rng, "Conv1D of 2 steps, dilated, same", [("Conv1D", [3, 2], {"padding": "same", "dilation_rate": 2})], x)
    yield case(rng, "Conv1D twice, then a mean", [("Conv1D", [6, 3], {"activation": "relu"}), ("Conv1D", [5, 2], {"padding": "same"}), ("GlobalAveragePooling1D", [], {})], x)
    yield case(rng, "Conv1D in TimeDistributed", [("TimeDistributed", [("Conv1D", [3, 2], {"padding": "same"})], {}), ("TimeDistributed", [("GlobalMaxPooling1D", [], {})], {}), ("GRU", [2], {})], exact(rng, B, 4, 5, 2))
    image = exact(rng, B, 6, 5, 4)
    for size, options in [
        (3, {}),
        (3, {"padding": "same"}),
        ([2, 3], {"strides": 2}),
        ([3, 2], {"strides": [1, 2], "padding": "same", "activation": "tanh"}),
        (2, {"dilation_rate": 2}),
        ([2, 3], {"dilation_rate": [2, 1], "padding": "same"}),
        (3, {"groups": 2, "use_bias": False, "padding": "same"}),
        (1, {}),
    ]:
        yield case(rng, f"Conv2D {size} {options}", [("Conv2D", [6, size], options)], image)
    yield case(rng, "Conv2D, MaxPooling2D, Conv2D, Flatten", [("Conv2D", [3, 2], {}), ("MaxPooling2D", [2], {}), ("Conv2D", [2, [2, 1]], {}), ("Flatten", [], {})], image)
    yield case(rng, "Conv2D of each image of a sequence", [("TimeDistributed", [("Conv2D", [3, 2], {})], {}), ("TimeDistributed", [("Flatten", [], {})], {}), ("LSTM", [2], {})], exact(rng, 2, 3, 3, 4, 2))


def normalization(rng):
    rows, x, image = exact(rng, 7, D), exact(rng, B, T, D), exact(rng, B, 3, 4, 2)
    for name, data in {"rows": rows, "sequences": x, "images": image}.items():
        for training in [True, False]:
            yield case(rng, f"BatchNormalization of {name}, training {training}", [("BatchNormalization", [], {})], data, training=training)
    for options in [
        {"momentum": 0.5, "epsilon": 0.25},
        {"center": False},
        {"scale": False},
        {"center": False, "scale": False},
        {"trainable": False},
        {"axis": 2},
    ]:
        yield case(rng, f"BatchNormalization {options}", [("BatchNormalization", [], options)], x, training=True)
    masked = exact(rng, B + 1, T, D)
    for training in [True, False]:
        yield case(rng, f"BatchNormalization of steps that count, training {training}", [("BatchNormalization", [], {})], masked, steps(rng), training=training)
    yield case(rng, "BatchNormalization after Masking, before GRU", [("Masking", [], {}), ("Dense", [3], {}), ("BatchNormalization", [], {}), ("GRU", [2], {})], padded(rng, B, T, D), training=True)
    yield case(rng, "BatchNormalization twice between layers", [("Dense", [5], {"activation": "tanh"}), ("BatchNormalization", [], {}), ("Dense", [4], {}), ("BatchNormalization", [], {"trainable": False}), ("Dense", [2], {})], rows, training=True)
    yield case(rng, "BatchNormalization after Conv1D", [("Conv1D", [3, 2], {"use_bias": False}), ("BatchNormalization", [], {}), ("ReLU", [], {})], x, training=True)


def separable(rng):
    x, image = exact(rng, B, 8, D), exact(rng, 2, 6, 5, 3)
    shared = [{}, {"padding": "same"}, {"strides": 2, "padding": "same", "activation": "tanh"}, {"dilation_rate": 2, "use_bias": False}, {"depth_multiplier": 3, "padding": "same"}]
    for options in shared:
        yield case(rng, f"DepthwiseConv1D {options}", [("DepthwiseConv1D", [3], options)], x)
        yield case(rng, f"DepthwiseConv2D {options}", [("DepthwiseConv2D", [[2, 3]], options)], image)
        yield case(rng, f"SeparableConv1D {options}", [("SeparableConv1D", [5, 3], options)], x)
        yield case(rng, f"SeparableConv2D {options}", [("SeparableConv2D", [5, [3, 2]], options)], image)
    yield case(rng, "SeparableConv1D in TimeDistributed", [("TimeDistributed", [("SeparableConv1D", [3, 2], {})], {}), ("TimeDistributed", [("GlobalAveragePooling1D", [], {})], {}), ("GRU", [2], {})], exact(rng, 2, 3, 5, 2))


def transposed(rng):
    x, image = exact(rng, B, 5, D), exact(rng, 2, 3, 4, 3)
    for size, options in [
        (3, {}),
        (3, {"padding": "same"}),
        (3, {"strides": 2}),
        (3, {"strides": 2, "padding": "same", "activation": "tanh"}),
        (4, {"strides": 2, "padding": "same"}),
        (2, {"strides": 3, "use_bias": False}),
        (2, {"strides": 3, "padding": "same"}),
        (3, {"strides": 2, "output_padding": 1}),
        (3, {"strides": 2, "output_padding": 0, "padding": "same"}),
        (4, {"strides": 3, "output_padding": 1, "padding": "same"}),
        (3, {"dilation_rate": 2}),
        (2, {"dilation_rate": 3, "padding": "same"}),
        (1, {}),
    ]:
        yield case(rng, f"Conv1DTranspose {size} {options}", [("Conv1DTranspose", [6, size], options)], x)
    for size, options in [(3, {}), ([2, 3], {"strides": 2, "padding": "same"}), ([3, 2], {"strides": [1, 2], "activation": "softmax"}), (3, {"strides": [2, 3], "output_padding": [1, 0], "padding": "same"}), (2, {"dilation_rate": 2})]:
        yield case(rng, f"Conv2DTranspose {size} {options}", [("Conv2DTranspose", [5, size], options)], image)
    yield case(rng, "Conv1D and its transpose", [("Conv1D", [3, 4], {"strides": 2, "padding": "same"}), ("Conv1DTranspose", [D, 4], {"strides": 2, "padding": "same"})], exact(rng, B, 8, D))


def images(rng):
    image = exact(rng, B, 4, 5, 2)
    image[0, 1, 1] = image[0, 2, 3]
    for kind in ["GlobalMaxPooling2D", "GlobalAveragePooling2D"]:
        for keep in [False, True]:
            yield case(rng, f"{kind} keepdims {keep}", [(kind, [], {"keepdims": keep})], image)
    for padding in [1, [2, 1], [[1, 0], [0, 2]]]:
        yield case(rng, f"ZeroPadding2D {padding}", [("ZeroPadding2D", [padding], {})], image)
    for cropping in [1, [1, 2], [[1, 0], [0, 2]], 0]:
        yield case(rng, f"Cropping2D {cropping}", [("Cropping2D", [cropping], {})], image)
    for size in [1, 2, [2, 3]]:
        yield case(rng, f"UpSampling2D {size}", [("UpSampling2D", [size], {})], image)
    yield case(rng, "SpatialDropout2D outside training", [("SpatialDropout2D", [0.5], {})], image)
    yield case(rng, "Conv2D, UpSampling2D, Cropping2D and GlobalMaxPooling2D", [("Conv2D", [3, 2], {}), ("UpSampling2D", [2], {}), ("Cropping2D", [1], {}), ("ZeroPadding2D", [1], {}), ("GlobalMaxPooling2D", [], {})], image)


def scaling(rng):
    rows, x, image = exact(rng, 7, 6), exact(rng, B, T, 6), exact(rng, B, 3, 4, 6)
    zeros = exact(rng, B, T, 6)
    zeros[0] = 0
    masked = padded(rng, B, T, 6)
    tail = [("GRU", [3], {})]
    for name, data in {"rows": rows, "sequences": x, "images": image}.items():
        for options in [{"groups": 3}, {"groups": 1, "epsilon": 0.25}, {"groups": -1}]:
            if name == "rows" and options["groups"] == -1:
                continue
            yield case(rng, f"GroupNormalization {options} of {name}", [("GroupNormalization", [], options)], data)
        yield case(rng, f"RMSNormalization of {name}", [("RMSNormalization", [], {})], data)
        yield case(rng, f"UnitNormalization of {name}", [("UnitNormalization", [], {})], data)
    for options in [{"groups": 2, "center": False}, {"groups": 2, "scale": False}, {"groups": 2, "scale": False, "center": False}]:
        yield case(rng, f"GroupNormalization {options}", [("GroupNormalization", [], options)], x)
    yield case(rng, "GroupNormalization over axis 1", [("GroupNormalization", [], {"groups": 2, "axis": 1})], exact(rng, B, 4, 3))
    yield case(rng, "GroupNormalization over axis 2 of images", [("GroupNormalization", [], {"groups": 2, "axis": 2})], image)
    yield case(rng, "RMSNormalization with epsilon", [("RMSNormalization", [], {"epsilon": 0.5})], x)
    yield case(rng, "RMSNormalization over two axes", [("RMSNormalization", [], {"axis": [1, 2]})], x)
    yield case(rng, "UnitNormalization over axis 1", [("UnitNormalization", [], {"axis": 1})], x)
    yield case(rng, "UnitNormalization over two axes", [("UnitNormalization", [], {"axis": [1, 2]})], x)
    yield case(rng, "RMSNormalization of zeros", [("RMSNormalization", [], {})], zeros)
    for kind, arguments, options in [("GroupNormalization", [], {"groups": 2}), ("UnitNormalization", [], {}), ("RMSNormalization", [], {}), ("Rescaling", [0.5, 0.25], {}), ("Identity", [], {}), ("AlphaDropout", [0.5], {})]:
        yield case(rng, f"{kind} after Masking, before GRU", [("Masking", [], {}), (kind, arguments, options), *tail], masked if kind != "UnitNormalization" else masked + 0.125)
    yield case(rng, "Rescaling", [("Rescaling", [0.5, 0.0], {})], x)
    yield case(rng, "Rescaling with an offset", [("Rescaling", [0.0078125, -1.0], {})], image)
    yield case(rng, "Identity", [("Identity", [], {})], image)
    yield case(rng, "GroupNormalization in TimeDistributed", [("TimeDistributed", [("GroupNormalization", [], {"groups": 2})], {}), ("TimeDistributed", [("UnitNormalization", [], {})], {}), ("TimeDistributed", [("RMSNormalization", [], {})], {})], exact(rng, 2, 3, 3, 4))


def main():
    groups = {"activations": activations, "noise": noise, "masks": masks, "ranks": ranks, "pooling": pooling, "resizing": resizing, "convolution": convolution, "normalization": normalization, "separable": separable, "transposed": transposed, "images": images, "scaling": scaling}
    write("moreLayers", {name: list(cases(generator(f"moreLayers {name}"))) for name, cases in groups.items()})
