//! Activations as separate layers.

use crate::activations::RowActivation;
use crate::descriptors::{ActivationBackward, ActivationForward};
use crate::lanes::F32x4;

export! {
    fn activation_forward(d: ActivationForward) {
        let y = buffer!(d.y[d.rows, d.units]);
        y.copy_from_slice(buffer!(d.x[d.rows, d.units]));
        RowActivation::from_code(d.activation).apply::<F32x4>(d.units as usize, y);
    }
}

export! {
    fn activation_backward(d: ActivationBackward) {
        let d_x = buffer!(d.d_x[d.rows, d.units]);
        d_x.copy_from_slice(buffer!(d.d_y[d.rows, d.units]));
        RowActivation::from_code(d.activation).differentiate::<F32x4>(d.units as usize, buffer!(d.y[d.rows, d.units]), d_x);
    }
}
