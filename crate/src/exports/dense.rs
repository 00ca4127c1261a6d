//! Fully connected layers.

use crate::activations::RowActivation;
use crate::descriptors::{DenseBackward, DenseForward};
use crate::lanes::F32x4;
use crate::layers::{self, DenseBackwardArguments, DenseForwardArguments, DenseInput, DenseShape};

macro_rules! shape {
    ($d:ident) => {
        DenseShape {
            rows: $d.rows as usize,
            features: $d.features as usize,
            units: $d.units as usize,
            activation: RowActivation::from_code($d.activation),
        }
    };
}

macro_rules! input {
    ($d:ident) => {
        match (buffer!($d.x[$d.rows, $d.features]), buffer!($d.ids[$d.rows])) {
            (Some(x), None) => DenseInput::Features(x),
            (None, Some(ids)) => DenseInput::OneHot(ids),
            _ => panic!("a dense layer's input is either x or ids"),
        }
    };
}

export! {
    fn dense_forward(d: DenseForward) {
        let shape = shape!(d);
        layers::dense_forward::<F32x4>(DenseForwardArguments {
            shape,
            input: input!(d),
            kernel: buffer!(d.kernel[d.features, d.units]),
            bias: buffer!(d.bias[d.units]),
            y: buffer!(d.y[d.rows, d.units]),
            workspace: buffer!(d.workspace[layers::dense_forward_workspace_length::<F32x4>(shape)]),
        });
    }
}

export_workspace! {
    fn dense_forward_workspace(d: DenseForward) -> usize {
        layers::dense_forward_workspace_length::<F32x4>(shape!(d))
    }
}

export! {
    fn dense_backward(d: DenseBackward) {
        let shape = shape!(d);
        layers::dense_backward::<F32x4>(DenseBackwardArguments {
            shape,
            input: input!(d),
            kernel: buffer!(d.kernel[d.features, d.units]),
            y: buffer!(d.y[d.rows, d.units]),
            d_y: buffer!(d.d_y[d.rows, d.units]),
            d_kernel: buffer!(d.d_kernel[d.features, d.units]),
            d_bias: buffer!(d.d_bias[d.units]),
            d_x: buffer!(d.d_x[d.rows, d.features]),
            workspace: buffer!(d.workspace[layers::dense_backward_workspace_length::<F32x4>(shape)]),
        });
    }
}

export_workspace! {
    fn dense_backward_workspace(d: DenseBackward) -> usize {
        layers::dense_backward_workspace_length::<F32x4>(shape!(d))
    }
}
