//! Dense layers.

use crate::activations::RowActivation;
use crate::descriptors::{DenseBackward, DenseForward};
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

export! {
    fn dense_forward(d: DenseForward) {
        let (shape, input) = input!(d);
        let workspace = buffer!(d.workspace[layers::dense_forward_workspace::<F32x4>(shape)]);
        let (kernel, bias) = (buffer!(d.kernel[d.features, d.units]), buffer!(d.bias[d.units]));
        let activation = RowActivation::from_code(d.activation);
        layers::dense_forward::<F32x4>(shape, activation, input, kernel, bias, buffer!(d.y[d.rows, d.units]), workspace);
    }
}

export_workspace! {
    fn dense_forward_workspace(d: DenseForward) -> usize {
        layers::dense_forward_workspace::<F32x4>(shape!(d))
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
