use super::{FloatBits, LN_2_HIGH, LN_2_LOW, polynomial};

/// `(ln(1 + f) - f + f^2/2) / f^3` for `sqrt(1/2) - 1 <= f <= sqrt(2) - 1`; relative error of ln
/// 5.8e-9.
const COEFFICIENTS: [f32; 8] =
    [0.333_333_3, -0.250_008_2, 0.200_012_27, -0.166_233_57, 0.142_017_57, -0.131_601_81, 0.127_615_8, -0.076_345_01];

/// 2^23, by which subnormals are multiplied to become normal numbers.
const LIFT: f32 = 8_388_608.0;
const LIFT_EXPONENT: f32 = 23.0;

/// The natural logarithm, within [`super::LN_MAX_ULP`]: minus infinity at 0, NaN below.
///
/// `x = 2^n (1 + f)` with `sqrt(1/2) <= 1 + f < sqrt(2)`, and `ln x = n ln 2 + ln(1 + f)`.
#[inline(always)]
pub fn ln<L: FloatBits>(x: L) -> L {
    let zero = L::splat(0.0);
    let subnormal = x.less_than(L::constant(&f32::MIN_POSITIVE));
    let lifted = L::select(subnormal, x.mul(L::constant(&LIFT)), x);
    let (n, fraction) = lifted.split_exponent();
    let n = n.sub(L::select(subnormal, L::constant(&LIFT_EXPONENT), zero));
    let f = fraction.sub(L::constant(&1.0));
    let square = f.mul(f);
    let tail = polynomial(f, &COEFFICIENTS).mul(f).mul(square);
    let tail = n.mul_add(L::constant(&LN_2_LOW), square.mul_add(L::constant(&-0.5), tail));
    let finite = n.mul_add(L::constant(&LN_2_HIGH), f.add(tail));
    // The result for infinity is infinity, for NaN it is NaN, for 0 minus infinity, and for a
    // negative number NaN.
    let positive = L::select(x.less_than(L::constant(&f32::INFINITY)), finite, x);
    let not_positive = L::select(x.less_than(zero), L::constant(&f32::NAN), x.add(L::constant(&f32::NEG_INFINITY)));
    L::select(zero.less_than(x), positive, not_positive)
}

#[cfg(test)]
mod tests {
    use super::super::{LN_MAX_ULP, SWEEP_STEP, sweep, ulps};
    use super::*;

    #[test]
    fn within_budget_everywhere() {
        let check = |x: f32| {
            let error = ulps(ln(x), f64::from(x).ln());
            assert!(error <= LN_MAX_ULP, "ln({x:e}) = {:e}: {error} ULP", ln(x));
        };
        sweep(SWEEP_STEP, check);
        for index in 0..400_000 {
            check(0.4 + index as f32 * (2.0 / 400_000.0));
        }
    }

    #[test]
    fn special_values() {
        assert!(ln(f32::NAN).is_nan());
        assert!(ln(-1.0f32).is_nan());
        assert!(ln(f32::NEG_INFINITY).is_nan());
        assert_eq!(ln(f32::INFINITY), f32::INFINITY);
        assert_eq!(ln(0.0f32), f32::NEG_INFINITY);
        assert_eq!(ln(-0.0f32), f32::NEG_INFINITY);
        assert_eq!(ln(1.0f32), 0.0);
    }
}
