//! Softmax over one row of C scores, and its gradient.

use crate::lanes::{Element, Lanes, largest, sum, update};

/// `row_j = exp(row_j) / sum exp(row)`, in place. The largest score is subtracted from all scores,
/// so that no exponential overflows.
pub fn softmax<L: Lanes>(row: &mut [L::Element]) {
    let shift = L::splat(largest::<L>(row));
    update::<L, 0, 1>([], [row], |[], [x]| [x.sub(shift).exp()]);
    let scale = L::splat(L::Element::from_f64(1.0 / sum::<L, 1>([row], |[e]| e)));
    update::<L, 0, 1>([], [row], |[], [e]| [e.mul(scale)]);
}

/// `d_row_j = y_j * (d_row_j - sum over i of d_row_i * y_i)`: overwrites the gradient of the output
/// `y` with the gradient of the scores.
pub fn softmax_backward<L: Lanes>(y: &[L::Element], d_row: &mut [L::Element]) {
    let mean = L::splat(L::Element::from_f64(sum::<L, 2>([y, d_row], |[y, d]| y.mul(d))));
    update::<L, 1, 1>([y], [d_row], |[y], [d]| [y.mul(d.sub(mean))]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::Four;
    use crate::testing::{Random, assert_near, values};

    #[test]
    fn backward_matches_central_differences() {
        let mut random = Random::new(2);
        for classes in 1..33 {
            let x: Vec<f64> = random.numbers(classes).iter().map(|x| 3.0 * x).collect();
            let d_y = random.numbers(classes);
            let loss = |x: &[f64]| {
                let mut y = x.to_vec();
                softmax::<f64>(&mut y);
                y.iter().zip(&d_y).map(|(y, d)| y * d).sum::<f64>()
            };
            let mut y = x.clone();
            softmax::<f64>(&mut y);
            let mut d_x = d_y.clone();
            softmax_backward::<f64>(&y, &mut d_x);
            let step = 1e-6;
            let differences: Vec<f64> = (0..classes)
                .map(|place| {
                    let [mut up, mut down] = [x.clone(), x.clone()];
                    up[place] += step;
                    down[place] -= step;
                    (loss(&up) - loss(&down)) / (2.0 * step)
                })
                .collect();
            assert_near(&d_x, &differences, 1e-9, "d_x");
            let mut d_in_four = d_y.clone();
            softmax_backward::<Four<f64>>(&y, &mut d_in_four);
            assert_near(&d_in_four, &d_x, 1e-13, "d_x in four lanes");
        }
    }

    #[test]
    fn rows_sum_to_one_whatever_their_size() {
        let mut random = Random::new(3);
        for classes in 1..33 {
            let exact: Vec<f64> = random.numbers(classes).iter().map(|x| 1000.0 * x).collect();
            let x: Vec<f32> = values(&exact);
            let mut expected: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
            let mut in_four = expected.clone();
            softmax::<f64>(&mut expected);
            softmax::<Four<f64>>(&mut in_four);
            assert_near(&in_four, &expected, 1e-14, "four lanes");
            for softmax in [softmax::<f32>, softmax::<Four<f32>>] {
                let mut y = x.clone();
                softmax(&mut y);
                assert!((y.iter().sum::<f32>() - 1.0).abs() < 1e-6);
                assert_near(&y, &expected, 1e-6, "float32");
            }
        }
        for place in 0..7 {
            for softmax in [softmax::<f32>, softmax::<Four<f32>>] {
                let mut poisoned = [1.0f32; 7];
                poisoned[place] = f32::NAN;
                softmax(&mut poisoned);
                assert!(poisoned.iter().all(|y| y.is_nan()));
            }
        }
    }
}
