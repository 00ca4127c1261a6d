use super::moving_mean;
use crate::lanes::{Lanes, update};

/// Arguments of [`adam`], as in [`crate::descriptors::Adam`]. All slices are `[P]`.
pub struct AdamArguments<'a, E> {
    /// The learning rate with both bias corrections.
    pub alpha: E,
    pub one_minus_beta1: E,
    pub one_minus_beta2: E,
    pub epsilon: E,
    pub parameters: &'a mut [E],
    pub gradients: &'a [E],
    /// m
    pub momentum: &'a mut [E],
    /// v
    pub velocity: &'a mut [E],
}

/// Adam (Kingma and Ba 2015) with Keras' formula: epsilon is outside the root.
pub fn adam<L: Lanes>(arguments: AdamArguments<L::Element>) {
    let AdamArguments { parameters, gradients, momentum, velocity, .. } = arguments;
    let [alpha, share_1, share_2, epsilon] =
        [arguments.alpha, arguments.one_minus_beta1, arguments.one_minus_beta2, arguments.epsilon].map(L::splat);
    update::<L, 1, 3>([gradients], [parameters, momentum, velocity], |[g], [p, m, v]| {
        let m = moving_mean(m, g, share_1);
        let v = moving_mean(v, g.mul(g), share_2);
        [p.sub(m.mul(alpha).div(v.sqrt().add(epsilon))), m, v]
    });
}

#[cfg(test)]
mod tests {
    use super::super::LONGEST_TEST;
    use super::*;
    use crate::lanes::{Element, Four};
    use crate::testing::{Random, assert_near};

    const RATE: f64 = 0.01;
    const BETA_1: f64 = 0.9;
    const BETA_2: f64 = 0.999;
    const EPSILON: f64 = 1e-7;

    /// Five steps on random gradients, against the paper's algorithm with corrected m and v (and
    /// Keras' scaling of epsilon: its epsilon is the paper's divided by `sqrt(1 - beta2^t)`).
    fn check<L: Lanes>(tolerance: f64) {
        let mut random = Random::new(23);
        for count in 1..LONGEST_TEST {
            let mut expected = random.numbers(count);
            let mut parameters: Vec<L::Element> = expected.iter().map(|&p| L::Element::from_f64(p)).collect();
            let [mut momentum, mut velocity] = [0, 1].map(|_| vec![L::Element::ZERO; count]);
            let [mut m, mut v] = [0, 1].map(|_| vec![0.0; count]);
            for step in 1..=5 {
                let g = random.numbers(count);
                let [correction_1, correction_2] = [BETA_1, BETA_2].map(|beta| 1.0 - beta.powi(step));
                for i in 0..count {
                    m[i] = BETA_1 * m[i] + (1.0 - BETA_1) * g[i];
                    v[i] = BETA_2 * v[i] + (1.0 - BETA_2) * g[i] * g[i];
                    let epsilon = EPSILON / correction_2.sqrt();
                    expected[i] -= RATE * (m[i] / correction_1) / ((v[i] / correction_2).sqrt() + epsilon);
                }
                let g: Vec<L::Element> = g.iter().map(|&g| L::Element::from_f64(g)).collect();
                adam::<L>(AdamArguments {
                    alpha: L::Element::from_f64(RATE * correction_2.sqrt() / correction_1),
                    one_minus_beta1: L::Element::from_f64(1.0 - BETA_1),
                    one_minus_beta2: L::Element::from_f64(1.0 - BETA_2),
                    epsilon: L::Element::from_f64(EPSILON),
                    parameters: &mut parameters,
                    gradients: &g,
                    momentum: &mut momentum,
                    velocity: &mut velocity,
                });
            }
            assert_near(&parameters, &expected, tolerance, "parameters");
            assert_near(&momentum, &m, tolerance, "m");
            assert_near(&velocity, &v, tolerance, "v");
        }
    }

    #[test]
    fn follows_the_paper() {
        check::<f64>(1e-13);
        check::<f32>(1e-6);
        check::<Four<f64>>(1e-13);
        check::<Four<f32>>(1e-6);
    }
}
