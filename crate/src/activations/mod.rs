//! Pointwise activations: each function, and its derivative as a function of its output.
//!
//! Keras' page: <https://keras.io/api/layers/activations/>. Softmax, a function of a whole row, is
//! one of [`RowActivation`].

mod rows;
mod softmax;

pub use rows::RowActivation;
pub use softmax::{softmax, softmax_backward};

use crate::lanes::{Element, Lanes};

/// A function of one number. Its derivative can be computed from its output, so backward does not
/// need the input.
pub trait Activation: Copy {
    /// Whether the function is known at compile time.
    const FIXED: bool = true;
    /// `y = f(x)`
    fn apply<L: Lanes>(self, x: L) -> L;
    /// `f'(x)`, given `y = f(x)`.
    fn derivative_from_output<L: Lanes>(self, y: L) -> L;
}

/// `y = x`
#[derive(Clone, Copy, Debug)]
pub struct Linear;
/// `y = tanh(x)`
#[derive(Clone, Copy, Debug)]
pub struct Tanh;
/// `y = 1 / (1 + exp(-x))`
#[derive(Clone, Copy, Debug)]
pub struct Sigmoid;
/// `y = max(x, 0)`, with derivative 0 at 0.
#[derive(Clone, Copy, Debug)]
pub struct Relu;

pub(crate) fn one<L: Lanes>() -> L {
    L::splat(L::Element::ONE)
}

fn zero<L: Lanes>() -> L {
    L::splat(L::Element::ZERO)
}

impl Activation for Linear {
    #[inline(always)]
    fn apply<L: Lanes>(self, x: L) -> L {
        x
    }
    #[inline(always)]
    fn derivative_from_output<L: Lanes>(self, _y: L) -> L {
        one()
    }
}

impl Activation for Tanh {
    #[inline(always)]
    fn apply<L: Lanes>(self, x: L) -> L {
        x.tanh()
    }
    #[inline(always)]
    fn derivative_from_output<L: Lanes>(self, y: L) -> L {
        one::<L>().sub(y.mul(y))
    }
}

impl Activation for Sigmoid {
    #[inline(always)]
    fn apply<L: Lanes>(self, x: L) -> L {
        x.sigmoid()
    }
    #[inline(always)]
    fn derivative_from_output<L: Lanes>(self, y: L) -> L {
        y.sub(y.mul(y))
    }
}

impl Activation for Relu {
    #[inline(always)]
    fn apply<L: Lanes>(self, x: L) -> L {
        x.at_least(zero())
    }
    #[inline(always)]
    fn derivative_from_output<L: Lanes>(self, y: L) -> L {
        L::select(zero::<L>().less_than(y), one(), zero())
    }
}

/// Any of the four, chosen at run time: a call and one predictable branch for each vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointwise {
    Linear,
    Tanh,
    Sigmoid,
    Relu,
}

impl Pointwise {
    /// From a code of [`crate::descriptors::ACTIVATIONS`]. `None` for softmax and unknown codes.
    pub fn from_code(code: u32) -> Option<Self> {
        match code {
            0 => Some(Self::Linear),
            1 => Some(Self::Tanh),
            2 => Some(Self::Sigmoid),
            3 => Some(Self::Relu),
            _ => None,
        }
    }
}

impl Activation for Pointwise {
    const FIXED: bool = false;
    #[inline(always)]
    fn apply<L: Lanes>(self, x: L) -> L {
        apply_any(self, x)
    }
    #[inline(always)]
    fn derivative_from_output<L: Lanes>(self, y: L) -> L {
        derivative_of_any(self, y)
    }
}

/// Not inlined. Otherwise cells with other activations than the default ones would be a quarter of
/// the modules.
#[inline(never)]
fn apply_any<L: Lanes>(activation: Pointwise, x: L) -> L {
    match activation {
        Pointwise::Linear => Linear.apply(x),
        Pointwise::Tanh => Tanh.apply(x),
        Pointwise::Sigmoid => Sigmoid.apply(x),
        Pointwise::Relu => Relu.apply(x),
    }
}

#[inline(never)]
fn derivative_of_any<L: Lanes>(activation: Pointwise, y: L) -> L {
    match activation {
        Pointwise::Linear => Linear.derivative_from_output(y),
        Pointwise::Tanh => Tanh.derivative_from_output(y),
        Pointwise::Sigmoid => Sigmoid.derivative_from_output(y),
        Pointwise::Relu => Relu.derivative_from_output(y),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptors::ACTIVATIONS;
    use crate::lanes::Four;

    #[test]
    fn codes_are_the_descriptors() {
        let all = [Some(Pointwise::Linear), Some(Pointwise::Tanh), Some(Pointwise::Sigmoid), Some(Pointwise::Relu), None];
        let names = ["linear", "tanh", "sigmoid", "relu", "softmax"];
        for (position, &(name, code)) in ACTIVATIONS.iter().enumerate() {
            assert_eq!(name, names[position]);
            assert_eq!(Pointwise::from_code(code), all[position]);
        }
    }

    #[test]
    fn derivatives_match_central_differences() {
        let step = 1e-6;
        for activation in [Pointwise::Linear, Pointwise::Tanh, Pointwise::Sigmoid, Pointwise::Relu] {
            for index in -40..40 {
                let x = f64::from(index) / 10.0 + 0.05;
                let difference = (activation.apply(x + step) - activation.apply(x - step)) / (2.0 * step);
                let derivative = activation.derivative_from_output(activation.apply(x));
                assert!((difference - derivative).abs() < 1e-9, "{activation:?} at {x}: {derivative} is not {difference}");
            }
        }
    }

    #[test]
    fn relu_has_derivative_zero_at_zero_and_passes_nan() {
        assert_eq!(Relu.derivative_from_output(Relu.apply(0.0)), 0.0);
        assert!(Relu.apply(f64::NAN).is_nan());
        let Four([negative, nan, zero, positive]) = Relu.apply(Four([-1.0, f64::NAN, 0.0, 2.0]));
        assert!(nan.is_nan());
        assert_eq!([negative, zero, positive], [0.0, 0.0, 2.0]);
        assert_eq!(Relu.derivative_from_output(Four([0.0, 2.0, 0.0, 3.0])), Four([0.0, 1.0, 0.0, 1.0]));
    }
}
