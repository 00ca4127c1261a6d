//! Kernels of token ids.

use crate::descriptors::{EmbeddingBackward, EmbeddingForward, OneHotForward};
use crate::lanes::F32x4;
use crate::layers;

export! {
    fn embedding_forward(d: EmbeddingForward) {
        let table = buffer!(d.table[d.vocabulary, d.features]);
        layers::embedding_forward(d.features as usize, buffer!(d.ids[d.rows]), table, buffer!(d.y[d.rows, d.features]));
    }
}

export! {
    fn embedding_backward(d: EmbeddingBackward) {
        let (d_y, d_table) = (buffer!(d.d_y[d.rows, d.features]), buffer!(d.d_table[d.vocabulary, d.features]));
        layers::embedding_backward::<F32x4>(d.features as usize, buffer!(d.ids[d.rows]), d_y, d_table);
    }
}

export! {
    fn one_hot_forward(d: OneHotForward) {
        layers::one_hot_forward(d.features as usize, buffer!(d.ids[d.rows]), buffer!(d.y[d.rows, d.features]));
    }
}
