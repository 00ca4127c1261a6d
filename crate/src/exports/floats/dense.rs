//! Dense layers.

use crate::activations::RowActivation;
use crate::descriptors::{DenseBackward, DenseForward};
use crate::lanes::F32x4;
use crate::layers;

export! {
    fn dense_forward(d: DenseForward) {
        let (shape, input) = dense_input!(d);
        layers::dense_forward::<F32x4>(
            shape,
            RowActivation::from_code(d.activation),
            input,
            buffer!(d.kernel[d.features, d.units]),
            buffer!(d.bias[d.units]),
            buffer!(d.y[d.rows, d.units]),
            buffer!(d.workspace[layers::dense_forward_workspace::<F32x4>(shape)]),
        );
    }
}

export_workspace! {
    fn dense_forward_workspace(d: DenseForward) -> usize {
        layers::dense_forward_workspace::<F32x4>(dense_shape!(d))
    }
}

export! {
    fn dense_backward(d: DenseBackward) {
        let (shape, input) = dense_input!(d);
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
        layers::dense_backward_workspace::<F32x4>(dense_shape!(d))
    }
}
