use super::{Purpose, Subsequence, fraction};
use crate::lanes::Element;

/// Fills `y` with uniform numbers in `low..high`. Rounding can also give `high` itself.
pub fn uniform<E: Element>(subsequence: Subsequence, low: E, high: E, y: &mut [E]) {
    for (block, y) in (0..).zip(y.chunks_mut(4)) {
        for (y, word) in y.iter_mut().zip(subsequence.block(Purpose::Uniform, 0, block)) {
            *y = low + (high - low) * E::from_f64(fraction(word));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::philox4x32;
    use super::*;

    const SUBSEQUENCE: Subsequence = Subsequence { seed: [7, 8], number: 9 };

    #[test]
    fn moments_are_those_of_the_distribution() {
        let mut y = vec![0.0f32; 100_000];
        uniform(SUBSEQUENCE, -1.0, 3.0, &mut y);
        assert!(y.iter().all(|y| (-1.0..3.0).contains(y)));
        let mean = y.iter().map(|&y| f64::from(y)).sum::<f64>() / 1e5;
        let variance = y.iter().map(|&y| (f64::from(y) - mean).powi(2)).sum::<f64>() / 1e5;
        assert!((mean - 1.0).abs() < 0.015 && (variance - 16.0 / 12.0).abs() < 0.02, "{mean} {variance}");
    }

    #[test]
    fn element_uses_its_lane_of_its_block() {
        let mut y = [0.0f64; 11];
        uniform(SUBSEQUENCE, 0.0, 1.0, &mut y);
        for (element, &y) in y.iter().enumerate() {
            assert_eq!(y, fraction(philox4x32([7, 8], [element as u32 / 4, 0, 9, 0])[element % 4]));
        }
        let mut shorter = [0.0f64; 6];
        uniform(SUBSEQUENCE, 0.0, 1.0, &mut shorter);
        assert_eq!(shorter, y[..6]);
    }
}
