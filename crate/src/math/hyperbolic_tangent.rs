use super::{FloatBits, polynomial};

/// At this x the ratio exceeds 1 by more than its rounding error, so the result is exactly 1 for
/// all larger x.
const SATURATION: f32 = 9.4;

/// `tanh(x) / x` as a ratio of polynomials in `x^2` for `|x| <= 9.02`; relative error 7.7e-8.
const NUMERATOR: [f32; 5] = [1.0, 0.133_400_12, 0.003_447_598, 1.985_577e-5, 1.238_905_7e-8];
const DENOMINATOR: [f32; 5] = [1.0, 0.466_733_2, 0.025_692_433, 3.208_644_6e-4, 7.364_385e-7];

/// The hyperbolic tangent, within [`super::TANH_MAX_ULP`]; odd, never outside `-1..=1`, and `x`
/// itself for tiny `x`.
#[inline(always)]
pub fn tanh<L: FloatBits>(input: L) -> L {
    let one = L::constant(&1.0);
    let x = input.clamp_number(L::constant(&-SATURATION), L::constant(&SATURATION));
    let square = x.mul(x);
    let ratio = x.mul(polynomial(square, &NUMERATOR)).div(polynomial(square, &DENOMINATOR));
    // Near saturation the ratio may exceed 1.
    ratio.clamp_number(one.neg(), one).with_nan_of(input)
}

#[cfg(test)]
mod tests {
    use super::super::{SWEEP_STEP, TANH_MAX_ULP, sweep, ulps};
    use super::*;

    fn check(x: f32) {
        let y = tanh(x);
        let error = ulps(y, f64::from(x).tanh());
        assert!(error <= TANH_MAX_ULP, "tanh({x:e}) = {y:e}: {error} ULP");
        assert!(y.abs() <= 1.0, "tanh({x:e}) = {y:e}");
        assert_eq!((-y).to_bits(), tanh(-x).to_bits(), "tanh is odd at {x:e}");
    }

    #[test]
    fn within_budget_everywhere() {
        sweep(SWEEP_STEP, check);
        for index in 0..600_000 {
            check(index as f32 * (9.5 / 600_000.0));
        }
    }

    /// Where rounding could carry the ratio past 1: every seventh float from 8 to 16.
    #[test]
    fn never_beyond_one() {
        (8f32.to_bits()..16f32.to_bits()).step_by(7).for_each(|bits| assert!(tanh(f32::from_bits(bits)) <= 1.0));
    }

    #[test]
    fn special_values() {
        assert!(tanh(f32::NAN).is_nan());
        assert_eq!(tanh(f32::INFINITY), 1.0);
        assert_eq!(tanh(f32::NEG_INFINITY), -1.0);
        assert_eq!(tanh(-0.0f32).to_bits(), (-0.0f32).to_bits());
        assert_eq!(tanh(f32::from_bits(1)), f32::from_bits(1));
    }
}
