use super::{FloatBits, LN_2_HIGH, LN_2_LOW, ROUND_TO_INTEGER, polynomial};

/// For x between these, the exponent of `e^-x` is in range. The sigmoid of `LOWEST` is just below
/// the smallest normal number.
const LOWEST: f32 = -87.34;
const HIGHEST: f32 = 87.0;

/// `(exp(-s) - 1 + s) / s^2` for `|s| <= ln(2)/2`; relative error of exp 1.1e-7.
const COEFFICIENTS: [f32; 4] = [0.499_992_3, -0.166_671_17, 0.041_890_55, -0.008_312_478];

/// `1 / (1 + e^-x)`, within [`super::SIGMOID_MAX_ULP`]; never outside `0..=1`.
///
/// `-x = n ln 2 - s` with `|s| <= ln(2)/2`, so `e^-x = 2^n e^-s`. This is shorter than
/// [`super::exp`], because neither infinities nor subnormals occur.
#[inline(always)]
pub fn sigmoid<L: FloatBits>(input: L) -> L {
    let x = input.clamp_number(L::constant(&LOWEST), L::constant(&HIGHEST));
    let magic = L::constant(&ROUND_TO_INTEGER);
    let shifted = x.mul_add(L::constant(&-core::f32::consts::LOG2_E), magic);
    let n = shifted.sub(magic);
    let s = n.mul_add(L::constant(&LN_2_LOW), n.mul_add(L::constant(&LN_2_HIGH), x));
    let one = L::constant(&1.0);
    let e = polynomial(s, &COEFFICIENTS).mul_add(s, L::constant(&-1.0)).mul_add(s, one);
    one.div(one.add(e.add_to_exponent(shifted))).with_nan_of(input)
}

#[cfg(test)]
mod tests {
    use super::super::{SIGMOID_MAX_SUBNORMAL_ERROR, SIGMOID_MAX_ULP, SWEEP_STEP, sweep, ulps};
    use super::*;

    fn check(x: f32) {
        let y = sigmoid(x);
        assert!((0.0..=1.0).contains(&y), "sigmoid({x:e}) = {y:e}");
        let exact = 1.0 / (1.0 + (-f64::from(x)).exp());
        if exact < f64::from(f32::MIN_POSITIVE) {
            assert!((f64::from(y) - exact).abs() <= SIGMOID_MAX_SUBNORMAL_ERROR, "sigmoid({x:e}) = {y:e}");
        } else {
            let error = ulps(y, exact);
            assert!(error <= SIGMOID_MAX_ULP, "sigmoid({x:e}) = {y:e}: {error} ULP");
        }
    }

    #[test]
    fn within_budget_everywhere() {
        sweep(SWEEP_STEP, check);
        for index in 0..600_000 {
            check(-88.0 + index as f32 * (108.0 / 600_000.0));
        }
    }

    #[test]
    fn special_values() {
        assert!(sigmoid(f32::NAN).is_nan());
        assert_eq!(sigmoid(f32::INFINITY), 1.0);
        assert!(sigmoid(f32::NEG_INFINITY) < 1.2e-38);
        assert_eq!(sigmoid(0.0f32), 0.5);
        assert_eq!(sigmoid(-0.0f32), 0.5);
    }
}
