use crate::lanes::{Element, Lanes, sum, update};

/// Range of a sum of float32 squares without overflow, and without underflow that changes it. Other
/// sums are computed again in float64.
const SAFE_SQUARES: core::ops::RangeInclusive<f64> = 1e-20..=1e38;

/// Scales the gradients so that their Euclidean norm is at most `limit`, and returns the norm
/// before clipping. If the norm is NaN or infinite, every gradient becomes NaN, as in Keras'
/// `clip_by_global_norm`, so that the error is noticed.
pub fn clip_by_norm<L: Lanes>(limit: L::Element, gradients: &mut [L::Element]) -> L::Element {
    if gradients.is_empty() {
        return L::Element::ZERO;
    }
    let mut squares = sum::<L, 1>([gradients], |[g]| g.mul(g));
    if !SAFE_SQUARES.contains(&squares) {
        squares = gradients.iter().map(|g| g.to_f64().powi(2)).sum();
    }
    let norm = squares.sqrt();
    if !norm.is_finite() {
        gradients.fill(L::Element::from_f64(f64::NAN));
    } else if norm > limit.to_f64() {
        let scale = L::splat(L::Element::from_f64(limit.to_f64() / norm));
        update::<L, 0, 1>([], [gradients], |[], [g]| [g.mul(scale)]);
    }
    L::Element::from_f64(norm)
}

/// Limits each gradient to `-limit..limit`; NaN stays NaN.
pub fn clip_by_value<L: Lanes>(limit: L::Element, gradients: &mut [L::Element]) {
    let limit = L::splat(limit);
    update::<L, 0, 1>([], [gradients], |[], [g]| [g.at_least(limit.neg()).at_most(limit)]);
}

#[cfg(test)]
mod tests {
    use super::super::LONGEST_TEST;
    use super::*;
    use crate::lanes::Four;
    use crate::testing::{Random, assert_near};

    fn check<L: Lanes>(tolerance: f64) {
        let mut random = Random::new(24);
        for count in 1..LONGEST_TEST {
            let before = random.numbers(count);
            let gradients: Vec<L::Element> = before.iter().map(|&g| L::Element::from_f64(g)).collect();
            let norm = before.iter().map(|g| g * g).sum::<f64>().sqrt();
            for limit in [0.5 * norm, 2.0 * norm] {
                let mut clipped = gradients.clone();
                let found = clip_by_norm::<L>(L::Element::from_f64(limit), &mut clipped);
                let expected: Vec<f64> = before.iter().map(|g| g * (limit / norm).min(1.0)).collect();
                assert_near(&clipped, &expected, tolerance, "by norm");
                assert_near(&[found], &[norm], tolerance, "norm");
            }
            let mut clipped = gradients.clone();
            clip_by_value::<L>(L::Element::from_f64(0.25), &mut clipped);
            let expected: Vec<f64> = before.iter().map(|g| g.clamp(-0.25, 0.25)).collect();
            assert_near(&clipped, &expected, tolerance, "by value");
        }
    }

    #[test]
    fn limits_hold_for_every_length() {
        check::<f64>(1e-14);
        check::<f32>(1e-6);
        check::<Four<f64>>(1e-14);
        check::<Four<f32>>(1e-6);
    }

    fn check_extremes<L: Lanes<Element = f32>>() {
        for bad in [f32::NAN, f32::INFINITY] {
            for place in 0..7 {
                let mut gradients = [1.0; 7];
                gradients[place] = bad;
                assert!(!clip_by_norm::<L>(1.0, &mut gradients).is_finite());
                assert!(gradients.iter().all(|g| g.is_nan()));
            }
        }
        let mut gradients = [3e30f32, -4e30];
        assert_eq!(clip_by_norm::<L>(10.0, &mut gradients), 5e30);
        assert!((gradients[0] - 6.0).abs() < 1e-5 && (gradients[1] + 8.0).abs() < 1e-5);
        assert_eq!(clip_by_norm::<L>(1.0, &mut [3e-30, 4e-30]), 5e-30);
        let mut gradients = [f32::NAN, f32::NEG_INFINITY];
        clip_by_value::<L>(1.0, &mut gradients);
        assert!(gradients[0].is_nan() && gradients[1] == -1.0);
    }

    #[test]
    fn extreme_gradients() {
        check_extremes::<f32>();
        check_extremes::<Four<f32>>();
    }
}
