"""Sequences of a series: the batches of timeseries_dataset_from_array, in order."""

from common import camel_keys, exact, generator, keras, np, tensor, write


def case(data, targets, **options):
    dataset = keras.utils.timeseries_dataset_from_array(data, targets, **options)
    batches = [batch if isinstance(batch, tuple) else (batch,) for batch in dataset]
    return {
        "data": tensor(data),
        "targets": None if targets is None else tensor(targets),
        "options": camel_keys(options),
        "batches": [[tensor(part.numpy()) for part in batch] for batch in batches],
    }


def main():
    rng = generator("timeseries")
    series = exact(rng, 13, 3)
    steps = exact(rng, 13, 2)
    ids = np.arange(11)
    images = exact(rng, 6, 2, 3)
    cases = [
        case(series, exact(rng, 13), sequence_length=4, batch_size=3),
        case(series, exact(rng, 9, 2), sequence_length=4, batch_size=4),
        case(series, steps, sequence_length=3, sequence_stride=2, batch_size=2),
        case(series, steps, sequence_length=3, sampling_rate=3, batch_size=5),
        case(series, steps, sequence_length=2, sequence_stride=3, sampling_rate=2, batch_size=2, start_index=2, end_index=12),
        case(series, None, sequence_length=5, batch_size=128),
        case(ids, ids * 10, sequence_length=4, sampling_rate=2, sequence_stride=2, batch_size=2, start_index=1),
        case(images, images, sequence_length=2, batch_size=2),
        case(images, None, sequence_length=2, sampling_rate=2, batch_size=3),
    ]
    write("timeseries", {"batches": cases})
