//! exp, ln, tanh and sigmoid for float32 lanes, without tables and branches. One lane and four
//! lanes have the same source.
//!
//! Errors are counted in ULPs (units in the last place: the distance between neighbouring floats at
//! the exact result). `scripts/fit-math-coefficients.py` computed the coefficients, which minimise
//! the largest relative error. `f64` lanes, which check gradients, use the standard library
//! instead.
//!
//! Every function returns NaN for NaN. The largest errors below hold with and without fused
//! multiply-add.

mod exponential;
mod hyperbolic_tangent;
mod log1p;
mod logarithm;
mod sigmoid;

pub use exponential::exp;
pub use hyperbolic_tangent::tanh;
pub use log1p::log1p;
pub use logarithm::ln;
pub use sigmoid::sigmoid;

use crate::lanes::FloatBits;

/// Largest error of [`exp`] in ULPs, subnormal results included.
pub const EXP_MAX_ULP: f64 = 2.0;
/// Largest error of [`ln`] in ULPs.
pub const LN_MAX_ULP: f64 = 1.5;
/// Largest error of [`tanh`] in ULPs, near x = 3, where four roundings add up. The root mean square
/// is 0.9.
pub const TANH_MAX_ULP: f64 = 6.5;
/// Largest error of [`sigmoid`] in ULPs where the result is a normal number.
pub const SIGMOID_MAX_ULP: f64 = 3.5;
/// Largest absolute error of [`sigmoid`] where the exact result is below the smallest normal
/// number.
pub const SIGMOID_MAX_SUBNORMAL_ERROR: f64 = f32::MIN_POSITIVE as f64 * 1.01;

/// 1.5 * 2^23. Adding it to a number of magnitude below 2^22 rounds the number to an integer, which
/// is in the low bits of the sum.
const ROUND_TO_INTEGER: f32 = 12_582_912.0;
/// ln 2 in two parts. The first has 10 significant bits, so that its product with an exponent is
/// exact.
const LN_2_HIGH: f32 = 355.0 / 512.0;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// `coefficients[0] + coefficients[1] x + ...`, by Horner's rule.
#[inline(always)]
fn polynomial<L: FloatBits, const N: usize>(x: L, coefficients: &'static [f32; N]) -> L {
    let mut sum = L::constant(&coefficients[N - 1]);
    for coefficient in coefficients[..N - 1].iter().rev() {
        sum = sum.mul_add(x, L::constant(coefficient));
    }
    sum
}

/// Distance of `value` from `exact` in units of the last place of float32 at `exact`.
#[cfg(test)]
fn ulps(value: f32, exact: f64) -> f64 {
    if f64::from(value) == exact || (value.is_nan() && exact.is_nan()) {
        return 0.0;
    }
    if value.is_infinite() || exact.abs() > f64::from(f32::MAX) * (1.0 + 1e-7) {
        // An overflow is right when the exact result rounds to infinity; near the limit count from
        // 2^128.
        let limit = 2f64.powi(128);
        return (f64::from(value).clamp(-limit, limit) - exact.clamp(-limit, limit)).abs() / 2f64.powi(104);
    }
    let exponent = (exact.abs().log2().floor() as i32).clamp(-126, 127);
    (f64::from(value) - exact).abs() / 2f64.powi(exponent - 23)
}

/// Every `step`-th float of both signs, the infinities and the edges of the subnormals included.
#[cfg(test)]
fn sweep(step: usize, mut visit: impl FnMut(f32)) {
    for bits in (0..=f32::INFINITY.to_bits()).step_by(step) {
        visit(f32::from_bits(bits));
        visit(-f32::from_bits(bits));
    }
    for edge in [0.0, f32::from_bits(1), f32::MIN_POSITIVE, f32::MIN_POSITIVE.next_down(), 1.0, f32::MAX, f32::INFINITY] {
        visit(edge);
        visit(-edge);
    }
}

/// Floats between neighbouring points of a [`sweep`]: 131 thousand points of each sign; a prime, so
/// that low bits vary.
#[cfg(test)]
const SWEEP_STEP: usize = 16_301;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::{Four, Lanes};

    /// Numbers of which each takes another way through the functions, so that a lane's way depends
    /// on no other lane's.
    const UNLIKE: [f32; 14] =
        [0.0, -0.0, 1.0, -1.0, 0.3, -7.7, 88.8, -104.0, 1e-40, -1e-40, f32::MAX, f32::INFINITY, f32::NEG_INFINITY, f32::NAN];

    fn check(name: &str, one: fn(f32) -> f32, four: fn(Four<f32>) -> Four<f32>) {
        for a in UNLIKE {
            for b in UNLIKE {
                for lanes in [[a, b, 0.5, b], [b, 2.0, b, a], [a, a, b, a]] {
                    let found = four(Four(lanes)).0;
                    let expected = lanes.map(one);
                    let same = found.iter().zip(expected).all(|(x, y)| x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan());
                    assert!(same, "{name} of {lanes:?} is {found:?}, expected {expected:?}");
                }
            }
        }
    }

    #[test]
    fn each_lane_is_computed_by_itself() {
        check("exp", exp, exp);
        check("ln", ln, ln);
        check("tanh", tanh, tanh);
        check("sigmoid", sigmoid, sigmoid);
        check("log1p", |x| log1p(Lanes::abs(x).at_most(1.0)), |x| log1p(x.abs().at_most(Four::splat(1.0))));
    }
}
