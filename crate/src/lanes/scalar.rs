//! One-lane implementations: `f64` for gradient checks, `f32` for native tests of the shipped
//! precision.

use super::{Element, FRACTION_BITS, FRACTION_MASK, FloatBits, Lanes, SQRT_HALF_BITS};
use crate::math;

/// The standard library's functions, under the names of [`crate::math`].
mod standard {
    pub fn exp(x: f64) -> f64 {
        x.exp()
    }
    pub fn ln(x: f64) -> f64 {
        x.ln()
    }
    pub fn tanh(x: f64) -> f64 {
        x.tanh()
    }
    pub fn sigmoid(x: f64) -> f64 {
        1.0 / (1.0 + (-x).exp())
    }
}

macro_rules! scalar_lanes {
    ($float:ty, $functions:ident, $Pair:ty) => {
        impl Element for $float {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            fn from_f64(value: f64) -> Self {
                value as $float
            }
            fn to_f64(self) -> f64 {
                self as f64
            }
        }

        impl Lanes for $float {
            type Element = $float;
            type Mask = bool;
            type Pair = $Pair;
            const WIDTH: usize = 1;

            fn splat(value: $float) -> Self {
                value
            }
            fn load(source: &[$float]) -> Self {
                source[0]
            }
            fn store(self, target: &mut [$float]) {
                target[0] = self;
            }
            fn load_partial(source: &[$float]) -> Self {
                source.first().copied().unwrap_or(0.0)
            }
            fn store_partial(self, target: &mut [$float]) {
                if let Some(first) = target.first_mut() {
                    *first = self;
                }
            }
            fn add(self, other: Self) -> Self {
                self + other
            }
            fn sub(self, other: Self) -> Self {
                self - other
            }
            fn mul(self, other: Self) -> Self {
                self * other
            }
            fn div(self, other: Self) -> Self {
                self / other
            }
            fn mul_add(self, factor: Self, addend: Self) -> Self {
                self * factor + addend
            }
            fn neg(self) -> Self {
                -self
            }
            fn abs(self) -> Self {
                <$float>::abs(self)
            }
            fn sqrt(self) -> Self {
                <$float>::sqrt(self)
            }
            fn at_least(self, bound: Self) -> Self {
                if self < bound { bound } else { self }
            }
            fn at_most(self, bound: Self) -> Self {
                if bound < self { bound } else { self }
            }
            fn less_than(self, other: Self) -> bool {
                self < other
            }
            fn select(mask: bool, when_true: Self, when_false: Self) -> Self {
                if mask { when_true } else { when_false }
            }
            fn sum(self) -> $float {
                self
            }
            fn fold(self, start: $float, f: impl Fn($float, $float) -> $float) -> $float {
                f(start, self)
            }
            fn exp(self) -> Self {
                $functions::exp(self)
            }
            fn ln(self) -> Self {
                $functions::ln(self)
            }
            fn tanh(self) -> Self {
                $functions::tanh(self)
            }
            fn sigmoid(self) -> Self {
                $functions::sigmoid(self)
            }
        }
    };
}

scalar_lanes!(f32, math, super::Pair<f32>);
scalar_lanes!(f64, standard, f64);

impl FloatBits for f32 {
    fn constant(value: &'static f32) -> Self {
        *value
    }
    fn clamp_number(self, low: Self, high: Self) -> Self {
        self.at_least(low).at_most(high)
    }
    fn with_nan_of(self, _input: Self) -> Self {
        self
    }
    fn add_to_exponent(self, shifted: Self) -> Self {
        Self::from_bits(self.to_bits().wrapping_add(shifted.to_bits() << FRACTION_BITS))
    }
    fn split_exponent(self) -> (Self, Self) {
        let offset = (self.to_bits() as i32).wrapping_sub(SQRT_HALF_BITS);
        ((offset >> FRACTION_BITS) as Self, Self::from_bits((offset & FRACTION_MASK).wrapping_add(SQRT_HALF_BITS) as u32))
    }
}
