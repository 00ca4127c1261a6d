//! Losses and accuracy.

use crate::descriptors::{Accuracy, Loss};
use crate::lanes::F32x4;
use crate::losses::{self, AccuracyArguments, LossArguments};

export! {
    fn loss(d: Loss) {
        losses::loss::<F32x4>(LossArguments {
            kind: d.kind,
            classes: d.classes as usize,
            prediction: buffer!(d.prediction[d.rows, d.classes]),
            target: buffer!(d.target[d.rows, d.classes]),
            labels: buffer!(d.labels[d.rows]),
            weight: buffer!(d.weight[d.rows]),
            mask: buffer!(d.mask[d.rows]),
            normalizer: buffer!(d.normalizer[1u32]),
            d_prediction: buffer!(d.d_prediction[d.rows, d.classes]),
            result: buffer!(d.result[2u32]),
        });
    }
}

export! {
    fn accuracy(d: Accuracy) {
        losses::accuracy(AccuracyArguments {
            kind: d.kind,
            classes: d.classes as usize,
            threshold: d.threshold,
            prediction: buffer!(d.prediction[d.rows, d.classes]),
            target: buffer!(d.target[d.rows, d.classes]),
            labels: buffer!(d.labels[d.rows]),
            weight: buffer!(d.weight[d.rows]),
            mask: buffer!(d.mask[d.rows]),
            result: buffer!(d.result[2u32]),
        });
    }
}
