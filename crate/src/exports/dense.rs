//! Dense layers.

use crate::activations::RowActivation;
use crate::descriptors::{DenseBackward, DenseForward, Floats, QuantisedDenseForward};
use crate::gemm::{Packing, QuantisedMatrix, RowStore};
use crate::lanes::F32x4;
use crate::layers::{self, DenseInput, DenseShape};

macro_rules! shape {
    ($d:ident) => {
        DenseShape { rows: $d.rows as usize, features: $d.features as usize, units: $d.units as usize }
    };
}

/// Sizes and input of either descriptor.
macro_rules! input {
    ($d:ident) => {{
        let shape = shape!($d);
        let input = match (buffer!($d.x[$d.rows, $d.features]), buffer!($d.ids[$d.rows])) {
            (Some(x), None) => DenseInput::Features(x),
            (None, Some(ids)) => DenseInput::OneHot(ids),
            _ => panic!("dense takes either x or ids"),
        };
        (shape, input)
    }};
}

/// With integers, `d` has no kernel.
#[inline(never)]
fn run_forward(d: &DenseForward, integers: Option<&QuantisedDenseForward>) {
    let (shape, input) = input!(d);
    let activation = RowActivation::from_code(d.activation);
    let bias = buffer!(d.bias[d.units]);
    let y = buffer!(d.y[d.rows, d.units]);
    match integers {
        None => {
            let workspace = buffer!(d.workspace[layers::dense_forward_workspace::<F32x4>(shape)]);
            layers::dense_forward::<F32x4>(shape, activation, input, buffer!(d.kernel[d.features, d.units]), bias, y, workspace);
        }
        Some(integers) => {
            let packing = Packing::from_code(integers.packing);
            let kernel = QuantisedMatrix {
                packing,
                depth: shape.features,
                units: shape.units,
                words: buffer!(integers.kernel[QuantisedMatrix::<f32>::words::<F32x4>(packing, shape.features, 1, shape.units)]),
                scales: buffer!(integers.kernel_scales[d.units]),
            };
            let (scales, words) = layers::quantised_dense_workspace(shape);
            let (row_scales, row_words) = workspace!(d.workspace[scales; words]);
            layers::quantised_dense::<F32x4>(shape, input, kernel, bias, y, RowStore::new(row_scales, row_words));
            activation.apply::<F32x4>(shape.units, y);
        }
    }
}

export! {
    fn dense_forward(d: DenseForward) {
        run_forward(d, None);
    }
}

export_workspace! {
    fn dense_forward_workspace(d: DenseForward) -> usize {
        layers::dense_forward_workspace::<F32x4>(shape!(d))
    }
}

export! {
    fn quantised_dense_forward(d: QuantisedDenseForward) {
        let QuantisedDenseForward { rows, features, units, activation, x, ids, bias, y, workspace, .. } = *d;
        let call = DenseForward { rows, features, units, activation, x, ids, kernel: Floats(0), bias, y, workspace };
        run_forward(&call, Some(d));
    }
}

export_workspace! {
    fn quantised_dense_forward_workspace(d: QuantisedDenseForward) -> usize {
        let (scales, words) = layers::quantised_dense_workspace(shape!(d));
        scales + words
    }
}

export! {
    fn dense_backward(d: DenseBackward) {
        let (shape, input) = input!(d);
        let arguments = layers::DenseBackward {
            activation: RowActivation::from_code(d.activation),
            input,
            kernel: buffer!(d.kernel[d.features, d.units]),
            y: buffer!(d.y[d.rows, d.units]),
            d_y: buffer!(d.d_y[d.rows, d.units]),
            d_kernel: buffer!(d.d_kernel[d.features, d.units]),
            d_bias: buffer!(d.d_bias[d.units]),
            d_x: buffer!(d.d_x[d.rows, d.features]),
            workspace: buffer!(d.workspace[layers::dense_backward_workspace::<F32x4>(shape)]),
        };
        layers::dense_backward::<F32x4>(shape, arguments);
    }
}

export_workspace! {
    fn dense_backward_workspace(d: DenseBackward) -> usize {
        layers::dense_backward_workspace::<F32x4>(shape!(d))
    }
}
