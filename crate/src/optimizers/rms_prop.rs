use super::moving_mean;
use crate::lanes::{Element, Lanes, update};

/// Arguments of [`rms_prop`], as in [`crate::descriptors::RmsProp`]. All slices are `[P]`.
pub struct RmsPropArguments<'a, E> {
    pub rate: E,
    pub one_minus_rho: E,
    pub momentum: E,
    pub epsilon: E,
    pub parameters: &'a mut [E],
    pub gradients: &'a [E],
    pub mean_square: &'a mut [E],
    pub mean: Option<&'a mut [E]>,
    pub velocity: Option<&'a mut [E]>,
}

/// RMSprop: divides steps by the root of a moving mean of the squared gradient (Tieleman and Hinton
/// 2012), or, with `mean`, by the root of the variance. Epsilon is inside the root, as in Keras.
/// With `velocity`, steps have momentum.
pub fn rms_prop<L: Lanes>(arguments: RmsPropArguments<L::Element>) {
    let RmsPropArguments { parameters, gradients, mean_square, mean, velocity, .. } = arguments;
    let [rate, share, momentum, epsilon] = [arguments.rate, arguments.one_minus_rho, arguments.momentum, arguments.epsilon].map(L::splat);
    let step = |g: L, square: L| g.mul(rate).div(square.add(epsilon).sqrt());
    // Rounding can make a variance near 0 negative, and then its root would be NaN.
    let variance = |square: L, mean: L| square.sub(mean.mul(mean)).at_least(L::splat(L::Element::ZERO));
    let gradients = [gradients];
    match (mean, velocity) {
        (None, None) => update::<L, 1, 2>(gradients, [parameters, mean_square], |[g], [p, square]| {
            let square = moving_mean(square, g.mul(g), share);
            [p.sub(step(g, square)), square]
        }),
        (None, Some(velocity)) => update::<L, 1, 3>(gradients, [parameters, mean_square, velocity], |[g], [p, square, velocity]| {
            let square = moving_mean(square, g.mul(g), share);
            let velocity = velocity.mul_add(momentum, step(g, square));
            [p.sub(velocity), square, velocity]
        }),
        (Some(mean), None) => update::<L, 1, 3>(gradients, [parameters, mean_square, mean], |[g], [p, square, mean]| {
            let square = moving_mean(square, g.mul(g), share);
            let mean = moving_mean(mean, g, share);
            [p.sub(step(g, variance(square, mean))), square, mean]
        }),
        (Some(mean), Some(velocity)) => {
            update::<L, 1, 4>(gradients, [parameters, mean_square, mean, velocity], |[g], [p, square, mean, velocity]| {
                let square = moving_mean(square, g.mul(g), share);
                let mean = moving_mean(mean, g, share);
                let velocity = velocity.mul_add(momentum, step(g, variance(square, mean)));
                [p.sub(velocity), square, mean, velocity]
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::LONGEST_TEST;
    use super::*;
    use crate::lanes::Four;
    use crate::testing::{Random, assert_near};

    const RATE: f64 = 0.01;
    const RHO: f64 = 0.9;
    const MOMENTUM: f64 = 0.5;
    const EPSILON: f64 = 1e-7;

    /// Five steps on random gradients in all four forms; the formulas are Keras'
    /// `RMSprop.update_step`.
    fn check<L: Lanes>(tolerance: f64) {
        let mut random = Random::new(22);
        for count in 1..LONGEST_TEST {
            for (centered, has_velocity) in [(false, false), (false, true), (true, false), (true, true)] {
                let mut expected = random.numbers(count);
                let mut parameters: Vec<L::Element> = expected.iter().map(|&p| L::Element::from_f64(p)).collect();
                let [mut mean_square, mut mean, mut velocity] = [0, 1, 2].map(|_| vec![L::Element::ZERO; count]);
                let [mut expected_square, mut expected_mean, mut expected_velocity] = [0, 1, 2].map(|_| vec![0.0; count]);
                for _ in 0..5 {
                    let g = random.numbers(count);
                    for i in 0..count {
                        expected_square[i] = RHO * expected_square[i] + (1.0 - RHO) * g[i] * g[i];
                        let mut denominator = expected_square[i] + EPSILON;
                        if centered {
                            expected_mean[i] = RHO * expected_mean[i] + (1.0 - RHO) * g[i];
                            denominator -= expected_mean[i] * expected_mean[i];
                        }
                        let increment = RATE * g[i] / denominator.sqrt();
                        if has_velocity {
                            expected_velocity[i] = MOMENTUM * expected_velocity[i] + increment;
                        }
                        expected[i] -= if has_velocity { expected_velocity[i] } else { increment };
                    }
                    let g: Vec<L::Element> = g.iter().map(|&g| L::Element::from_f64(g)).collect();
                    rms_prop::<L>(RmsPropArguments {
                        rate: L::Element::from_f64(RATE),
                        one_minus_rho: L::Element::from_f64(1.0 - RHO),
                        momentum: L::Element::from_f64(MOMENTUM),
                        epsilon: L::Element::from_f64(EPSILON),
                        parameters: &mut parameters,
                        gradients: &g,
                        mean_square: &mut mean_square,
                        mean: centered.then_some(&mut mean),
                        velocity: has_velocity.then_some(&mut velocity),
                    });
                }
                assert_near(&parameters, &expected, tolerance, "parameters");
                assert_near(&mean_square, &expected_square, tolerance, "mean square");
                assert_near(&mean, &expected_mean, tolerance, "mean");
                assert_near(&velocity, &expected_velocity, tolerance, "velocity");
            }
        }
    }

    #[test]
    fn follows_the_formulas() {
        check::<f64>(1e-13);
        check::<f32>(1e-5);
        check::<Four<f64>>(1e-13);
        check::<Four<f32>>(1e-5);
    }

    fn check_constant_gradient<L: Lanes<Element = f32>>() {
        let (mut p, mut square, mut mean) = ([0.0; 5], [0.0; 5], [0.0; 5]);
        for _ in 0..500 {
            rms_prop::<L>(RmsPropArguments {
                rate: 1e-3,
                one_minus_rho: 0.1,
                momentum: 0.0,
                epsilon: 1e-7,
                parameters: &mut p,
                gradients: &[123.456; 5],
                mean_square: &mut square,
                mean: Some(&mut mean),
                velocity: None,
            });
        }
        assert!(p.iter().all(|p| p.is_finite()));
    }

    #[test]
    fn a_constant_gradient_leaves_no_nan() {
        check_constant_gradient::<f32>();
        check_constant_gradient::<Four<f32>>();
    }
}
