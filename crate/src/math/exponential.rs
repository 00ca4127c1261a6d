use super::{FloatBits, LN_2_HIGH, LN_2_LOW, ROUND_TO_INTEGER, polynomial};

/// Below `LOWEST` the result rounds to 0, above `HIGHEST` to infinity. Between them, `2^n` is a
/// product of two normal powers of two.
const LOWEST: f32 = -105.0;
const HIGHEST: f32 = 90.0;

/// `(exp(r) - 1 - r) / r^2` for `|r| <= ln(2)/2`; relative error of exp 3.1e-9.
const COEFFICIENTS: [f32; 5] = [0.499_999_93, 0.166_665_2, 0.041_668_396, 0.008_368_781, 0.001_381_446_7];

/// `e^x`, within [`super::EXP_MAX_ULP`]; overflows to infinity and underflows through the
/// subnormals to 0.
///
/// `x = n ln 2 + r` with `|r| <= ln(2)/2`, so `e^x = 2^n e^r`. The function multiplies by `2^n` in
/// two steps, because n may be outside the range of one exponent.
#[inline(always)]
pub fn exp<L: FloatBits>(input: L) -> L {
    let x = input.clamp_number(L::constant(&LOWEST), L::constant(&HIGHEST));
    let magic = L::constant(&ROUND_TO_INTEGER);
    let n = x.mul_add(L::constant(&core::f32::consts::LOG2_E), magic).sub(magic);
    let r = n.mul_add(L::constant(&-LN_2_LOW), n.mul_add(L::constant(&-LN_2_HIGH), x));
    let one = L::constant(&1.0);
    let e = polynomial(r, &COEFFICIENTS).mul_add(r, one).mul_add(r, one);
    let first = n.mul_add(L::constant(&0.5), magic);
    let second = n.sub(first.sub(magic)).add(magic);
    e.add_to_exponent(first).mul(one.add_to_exponent(second)).with_nan_of(input)
}

#[cfg(test)]
mod tests {
    use super::super::{EXP_MAX_ULP, SWEEP_STEP, sweep, ulps};
    use super::*;

    #[test]
    fn within_budget_everywhere() {
        let check = |x: f32| {
            let error = ulps(exp(x), f64::from(x).exp());
            assert!(error <= EXP_MAX_ULP, "exp({x:e}) = {:e}: {error} ULP", exp(x));
        };
        sweep(SWEEP_STEP, check);
        for index in 0..400_000 {
            check(-104.5 + index as f32 * (194.0 / 400_000.0));
        }
    }

    #[test]
    fn special_values() {
        assert!(exp(f32::NAN).is_nan());
        assert_eq!(exp(f32::INFINITY), f32::INFINITY);
        assert_eq!(exp(f32::NEG_INFINITY), 0.0);
        assert_eq!(exp(0.0f32), 1.0);
        assert_eq!(exp(-0.0f32), 1.0);
    }
}
