use crate::lanes::{Element, Lanes};

/// `ln(1 + x)` for `0 <= x <= 1`, within a few units in the last place, also for tiny `x`.
///
/// With `u = 1 + x` rounded, `ln(u) * x / (u - 1)` corrects the rounding (Kahan; Goldberg, "What
/// every computer scientist should know about floating-point arithmetic", theorem 4).
#[inline(always)]
pub fn log1p<L: Lanes>(x: L) -> L {
    let one = L::splat(L::Element::ONE);
    let u = one.add(x);
    let rounded = u.sub(one);
    L::select(L::splat(L::Element::ZERO).less_than(rounded), u.ln().mul(x).div(rounded), x)
}

#[cfg(test)]
mod tests {
    use super::super::ulps;
    use super::*;

    #[test]
    fn within_four_units_in_the_last_place() {
        for index in 0..100_000 {
            let x = (-(index as f32) * 1e-3).exp();
            let error = ulps(log1p(x), f64::from(x).ln_1p());
            assert!(error <= 4.0, "log1p({x:e}) = {:e}: {error} ULP", log1p(x));
            let difference = (log1p(f64::from(x)) - f64::from(x).ln_1p()).abs();
            assert!(difference <= 1e-15 * f64::from(x).ln_1p());
        }
        assert!(log1p(f32::NAN).is_nan());
        assert_eq!(log1p(0.0f32), 0.0);
    }
}
