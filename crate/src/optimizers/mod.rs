//! Optimizer steps and gradient clipping, one pass each, by Keras' formulas
//! (<https://keras.io/api/optimizers/>).
//!
//! Letters: P parameters, g gradient, m and v moving means of g and of its square.

mod adam;
mod clipping;
mod rms_prop;
mod sgd;

pub use adam::{AdamArguments, adam};
pub use clipping::{clip_by_norm, clip_by_value};
pub use rms_prop::{RmsPropArguments, rms_prop};
pub use sgd::sgd;

use crate::lanes::Lanes;

/// `mean + (value - mean) * share`: a moving mean in which the new value has the weight `share`.
#[inline(always)]
fn moving_mean<L: Lanes>(mean: L, value: L, share: L) -> L {
    value.sub(mean).mul_add(share, mean)
}

/// The tests of optimizers use every length up to this one.
#[cfg(test)]
const LONGEST_TEST: usize = 33;
