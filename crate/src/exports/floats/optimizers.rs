//! Optimizer steps and gradient clipping.

use crate::descriptors::{Adam, ClipByNorm, ClipByValue, RmsProp, Sgd};
use crate::lanes::F32x4;
use crate::optimizers::{self, AdamArguments, RmsPropArguments};

export! {
    fn sgd(d: Sgd) {
        let rate = buffer!(d.settings[1u32])[0];
        let parameters = buffer!(d.parameters[d.count]);
        let gradients = buffer!(d.gradients[d.count]);
        optimizers::sgd::<F32x4>(rate, d.momentum, d.nesterov != 0, parameters, gradients, buffer!(d.velocity[d.count]));
    }
}

export! {
    fn rms_prop(d: RmsProp) {
        optimizers::rms_prop::<F32x4>(RmsPropArguments {
            rate: buffer!(d.settings[1u32])[0],
            one_minus_rho: d.one_minus_rho,
            momentum: d.momentum,
            epsilon: d.epsilon,
            parameters: buffer!(d.parameters[d.count]),
            gradients: buffer!(d.gradients[d.count]),
            mean_square: buffer!(d.mean_square[d.count]),
            mean: buffer!(d.mean[d.count]),
            velocity: buffer!(d.velocity[d.count]),
        });
    }
}

export! {
    fn adam(d: Adam) {
        optimizers::adam::<F32x4>(AdamArguments {
            alpha: buffer!(d.settings[1u32])[0],
            one_minus_beta1: d.one_minus_beta1,
            one_minus_beta2: d.one_minus_beta2,
            epsilon: d.epsilon,
            parameters: buffer!(d.parameters[d.count]),
            gradients: buffer!(d.gradients[d.count]),
            momentum: buffer!(d.momentum[d.count]),
            velocity: buffer!(d.velocity[d.count]),
        });
    }
}

export! {
    fn clip_by_norm(d: ClipByNorm) {
        buffer!(d.norm[1u32])[0] = optimizers::clip_by_norm::<F32x4>(d.limit, buffer!(d.gradients[d.count]));
    }
}

export! {
    fn clip_by_value(d: ClipByValue) {
        optimizers::clip_by_value::<F32x4>(d.limit, buffer!(d.gradients[d.count]));
    }
}
