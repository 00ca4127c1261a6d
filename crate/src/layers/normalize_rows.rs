//! Normalizes rows to mean 0 and variance 1, for layer normalization (Ba, Kiros & Hinton 2016).
//! Letters: N rows of D elements.

use crate::lanes::{Element, Lanes, map, sum, update};

/// `y[n] = (x[n] - mean) * scale[n]`, where `scale[n] = 1 / sqrt(variance + epsilon)` with mean and
/// variance of the row: `x[N, D]`, `y[N, D]`, `scale[N]`.
pub fn normalize_rows<L: Lanes>(features: usize, epsilon: f64, x: &[L::Element], y: &mut [L::Element], scale: &mut [L::Element]) {
    for ((x, y), scale) in x.chunks_exact(features).zip(y.chunks_exact_mut(features)).zip(scale) {
        let mean = L::splat(L::Element::from_f64(mean::<L>(x)));
        map::<L, 1>([x], y, |[x]| x.sub(mean));
        *scale = L::Element::from_f64(1.0 / (mean_product::<L>(y, y) + epsilon).sqrt());
        let factor = L::splat(*scale);
        update::<L, 0, 1>([], [y], |[], [y]| [y.mul(factor)]);
    }
}

/// Computes the gradient of the input of [`normalize_rows`] from that of its output `y`:
/// `d_x = scale * (d_y - mean(d_y) - y * mean(d_y * y))`, with the means over each row.
pub fn normalize_rows_backward<L: Lanes>(
    features: usize,
    y: &[L::Element],
    scale: &[L::Element],
    d_y: &[L::Element],
    d_x: &mut [L::Element],
) {
    let rows = y.chunks_exact(features).zip(d_y.chunks_exact(features)).zip(d_x.chunks_exact_mut(features));
    for (((y, d_y), d_x), &scale) in rows.zip(scale) {
        let [mean, along] = [mean::<L>(d_y), mean_product::<L>(d_y, y)].map(|mean| L::splat(L::Element::from_f64(mean)));
        let scale = L::splat(scale);
        map::<L, 2>([d_y, y], d_x, |[d, y]| scale.mul(d.sub(mean).sub(y.mul(along))));
    }
}

// Both functions are called twice. Inlined, they made the modules 0.6 kB larger.
#[inline(never)]
fn mean<L: Lanes>(x: &[L::Element]) -> f64 {
    sum::<L, 1>([x], |[x]| x) / x.len() as f64
}

#[inline(never)]
fn mean_product<L: Lanes>(a: &[L::Element], b: &[L::Element]) -> f64 {
    sum::<L, 2>([a, b], |[a, b]| a.mul(b)) / a.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::Four;
    use crate::testing::{Random, assert_near, numbers, values};

    const STEP: f64 = 1e-6;
    const EPSILON: f64 = 1e-3;

    /// y, and the gradient of x.
    fn run<L: Lanes>(features: usize, x: &[f64], d_y: &[f64]) -> [Vec<f64>; 2] {
        let [x, d_y] = [x, d_y].map(values::<L::Element>);
        let nan = |count| vec![L::Element::from_f64(f64::NAN); count];
        let (mut y, mut scale, mut d_x) = (nan(x.len()), nan(x.len() / features), nan(x.len()));
        normalize_rows::<L>(features, EPSILON, &x, &mut y, &mut scale);
        normalize_rows_backward::<L>(features, &y, &scale, &d_y, &mut d_x);
        [y, d_x].map(|values| numbers(&values))
    }

    #[test]
    fn rows_have_mean_0_and_their_gradients_match_central_differences() {
        let mut random = Random::new(53);
        for features in (1..20).chain([31, 32, 33]) {
            let rows = random.size(1, 4);
            // Means far from 0 would lose the variance of sums of squares.
            let x: Vec<f64> = random.numbers(rows * features).iter().map(|x| x + 5.0).collect();
            let d_y = random.numbers(x.len());
            let [y, d_x] = run::<f64>(features, &x, &d_y);
            for (x, y) in x.chunks(features).zip(y.chunks(features)) {
                let mean = x.iter().sum::<f64>() / features as f64;
                let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / features as f64;
                let right: Vec<f64> = x.iter().map(|x| (x - mean) / (variance + EPSILON).sqrt()).collect();
                assert_near(y, &right, 1e-12, "y");
            }
            let loss = |x: &[f64]| run::<f64>(features, x, &d_y)[0].iter().zip(&d_y).map(|(y, d)| y * d).sum::<f64>();
            let differences: Vec<f64> = (0..x.len())
                .map(|place| {
                    let [mut up, mut down] = [x.clone(), x.clone()];
                    up[place] += STEP;
                    down[place] -= STEP;
                    (loss(&up) - loss(&down)) / (2.0 * STEP)
                })
                .collect();
            assert_near(&d_x, &differences, 1e-7, &format!("gradient of {features} features"));
            for (found, right) in run::<Four<f64>>(features, &x, &d_y).iter().zip([&y, &d_x]) {
                assert_near(found, right, 1e-11, "four lanes");
            }
            for (found, right) in run::<Four<f32>>(features, &x, &d_y).iter().zip([&y, &d_x]) {
                assert_near(found, right, 2e-4, "four lanes of float32");
            }
        }
    }
}
