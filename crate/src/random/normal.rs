use super::{Purpose, Subsequence, fraction};
use crate::lanes::Element;
use core::f64::consts::TAU;

/// A truncated normal number is drawn again if it is more than this many standard deviations from
/// the mean.
const LIMIT: f64 = 2.0;

/// Fills `y` with normal numbers.
pub fn normal<E: Element>(subsequence: Subsequence, mean: E, standard_deviation: E, y: &mut [E]) {
    for (block, y) in (0..).zip(y.chunks_mut(4)) {
        write(y, standard_normals(subsequence, Purpose::Normal, 0, block), mean, standard_deviation);
    }
}

/// Fills `y` with normal numbers within two standard deviations of the mean.
pub fn truncated_normal<E: Element>(subsequence: Subsequence, mean: E, standard_deviation: E, y: &mut [E]) {
    for (block, y) in (0..).zip(y.chunks_mut(4)) {
        let mut z = [f64::INFINITY; 4];
        // Lanes past the end are drawn, too, which does not change other lanes.
        for attempt in 0.. {
            let drawn = standard_normals(subsequence, Purpose::TruncatedNormal, attempt, block);
            for (z, drawn) in z.iter_mut().zip(drawn) {
                if z.abs() > LIMIT {
                    *z = drawn;
                }
            }
            if z.iter().all(|z| z.abs() <= LIMIT) {
                break;
            }
        }
        write(y, z, mean, standard_deviation);
    }
}

/// The place of the elements in the whole batch.
#[derive(Clone, Copy, Debug)]
pub struct NoisePlace {
    pub iteration: u32,
    /// Elements of one step of `y`.
    pub step_length: usize,
    /// Index of the first of these elements in a step of the whole batch.
    pub first: u64,
    /// Elements of a step of the whole batch.
    pub total: u64,
}

/// Fills `y` with standard normal numbers, each a function of the element's place in the whole
/// batch.
pub fn noise<E: Element>(subsequence: Subsequence, place: NoisePlace, y: &mut [E]) {
    let NoisePlace { iteration, step_length, first, total } = place;
    for (step, mut rest) in (0..).zip(y.chunks_mut(step_length.max(1))) {
        let mut element = step * total + first;
        while !rest.is_empty() {
            let lane = (element % 4) as usize;
            let (block, after) = rest.split_at_mut((4 - lane).min(rest.len()));
            let z = standard_normals(subsequence, Purpose::Noise, iteration, element / 4);
            for (y, z) in block.iter_mut().zip(&z[lane..]) {
                *y = E::from_f64(*z);
            }
            element += block.len() as u64;
            rest = after;
        }
    }
}

fn write<E: Element>(y: &mut [E], z: [f64; 4], mean: E, standard_deviation: E) {
    for (y, z) in y.iter_mut().zip(z) {
        *y = E::from_f64(mean.to_f64() + standard_deviation.to_f64() * z);
    }
}

/// Two pairs of independent normal numbers from the words of a block (Box, Muller 1958).
fn standard_normals(subsequence: Subsequence, purpose: Purpose, round: u32, block: u64) -> [f64; 4] {
    let [a, b, c, d] = subsequence.block(purpose, round, block);
    let pair = |a: u32, b: u32| {
        // A fraction may be 0, whose logarithm is infinite. Plus its resolution, it is in (0, 1].
        let radius = (-2.0 * (fraction(a) + fraction(1 << 8)).ln()).sqrt();
        let (sine, cosine) = (TAU * fraction(b)).sin_cos();
        [radius * cosine, radius * sine]
    };
    let ([first, second], [third, fourth]) = (pair(a, b), pair(c, d));
    [first, second, third, fourth]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBSEQUENCE: Subsequence = Subsequence { seed: [1, 2], number: 3 };
    const COUNT: usize = 200_000;

    /// Mean, variance, third and fourth standardised moments.
    fn moments(y: &[f32]) -> [f64; 4] {
        let count = y.len() as f64;
        let mean = y.iter().map(|&y| f64::from(y)).sum::<f64>() / count;
        let central = |power| y.iter().map(|&y| (f64::from(y) - mean).powi(power)).sum::<f64>() / count;
        let variance = central(2);
        [mean, variance, central(3) / variance.powf(1.5), central(4) / variance.powi(2)]
    }

    #[test]
    fn moments_are_those_of_the_distribution() {
        let mut y = vec![0.0f32; COUNT];
        normal(SUBSEQUENCE, 0.5, 2.0, &mut y);
        let [mean, variance, skewness, kurtosis] = moments(&y);
        assert!((mean - 0.5).abs() < 0.02 && (variance - 4.0).abs() < 0.05, "{mean} {variance}");
        assert!(skewness.abs() < 0.02 && (kurtosis - 3.0).abs() < 0.05, "{skewness} {kurtosis}");
        let neighbours = y.windows(2).map(|pair| f64::from(pair[0] - 0.5) * f64::from(pair[1] - 0.5)).sum::<f64>() / COUNT as f64;
        assert!(neighbours.abs() < 0.04, "{neighbours}");
    }

    #[test]
    fn truncation_keeps_within_two_deviations() {
        let mut y = vec![0.0f32; COUNT];
        truncated_normal(SUBSEQUENCE, -1.0, 0.5, &mut y);
        assert!(y.iter().all(|y| (y + 1.0).abs() <= 1.0 + 1e-6));
        // The variance of a normal number cut at two standard deviations is 0.7737 (Keras divides
        // by its root, 0.8796).
        let [mean, variance, ..] = moments(&y);
        assert!((mean + 1.0).abs() < 0.005 && (variance / 0.25 - 0.7737).abs() < 0.01, "{mean} {variance}");
    }

    #[test]
    fn noise_depends_on_the_place_in_the_whole_batch() {
        let place = NoisePlace { iteration: 3, step_length: 21, first: 0, total: 21 };
        let mut whole = vec![0.0f32; 4 * 21];
        noise(SUBSEQUENCE, place, &mut whole);
        for (first, length) in [(0, 6), (6, 3), (9, 12)] {
            let mut part = vec![f32::NAN; 4 * length];
            noise(SUBSEQUENCE, NoisePlace { step_length: length, first: first as u64, ..place }, &mut part);
            for (step, part) in part.chunks(length).enumerate() {
                assert_eq!(part, &whole[step * 21 + first..][..length]);
            }
        }
        let mut long = vec![0.0f32; COUNT];
        noise(SUBSEQUENCE, NoisePlace { step_length: COUNT, ..place }, &mut long);
        let [mean, variance, skewness, kurtosis] = moments(&long);
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02 && skewness.abs() < 0.02 && (kurtosis - 3.0).abs() < 0.05);
        let mut next = vec![0.0f32; 4 * 21];
        noise(SUBSEQUENCE, NoisePlace { iteration: 4, ..place }, &mut next);
        assert!(whole.iter().zip(&next).all(|(a, b)| a != b));
    }

    #[test]
    fn numbers_do_not_depend_on_the_count() {
        let mut long = vec![0.0f64; 67];
        truncated_normal(SUBSEQUENCE, 0.0, 1.0, &mut long);
        for count in 1..33 {
            let mut short = vec![0.0f64; count];
            truncated_normal(SUBSEQUENCE, 0.0, 1.0, &mut short);
            assert_eq!(short, long[..count]);
        }
        let mut other = vec![0.0f64; 67];
        truncated_normal(Subsequence { number: 4, ..SUBSEQUENCE }, 0.0, 1.0, &mut other);
        assert!(long.iter().zip(other).all(|(&a, b)| a != b));
    }
}
