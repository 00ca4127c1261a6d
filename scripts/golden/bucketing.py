"""Batches of sequences of similar lengths: tf.data's bucket_by_sequence_length."""

from common import camel_keys, generator, np, tensor, write

import tensorflow as tf


def case(lengths, rng, **options):
    sequences = [rng.integers(1, 50, size=length).tolist() for length in lengths]
    targets = list(range(len(lengths)))
    dataset = tf.data.Dataset.from_generator(
        lambda: zip(sequences, targets), output_signature=(tf.TensorSpec([None], tf.int32), tf.TensorSpec([], tf.int32))
    )
    batches = dataset.bucket_by_sequence_length(lambda x, y: tf.shape(x)[0], **options)
    return {
        "sequences": sequences,
        "targets": targets,
        "options": camel_keys(options),
        "batches": [[tensor(part.numpy()) for part in batch] for batch in batches],
    }


def main():
    rng = generator("bucketing")
    lengths = rng.integers(0, 13, size=23).tolist()
    short = rng.integers(0, 8, size=17).tolist()
    cases = [
        case(lengths, rng, bucket_boundaries=[3, 6], bucket_batch_sizes=[4, 3, 2]),
        case(lengths, rng, bucket_boundaries=[5], bucket_batch_sizes=[3, 3], drop_remainder=True),
        case(short, rng, bucket_boundaries=[2, 5, 9], bucket_batch_sizes=[2, 2, 2, 2], pad_to_bucket_boundary=True),
    ]
    write("bucketing", {"batches": cases})
