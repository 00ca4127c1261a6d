use crate::lanes::{Element, Lanes, update};

/// Gradient descent with learning rate `rate`: `parameters -= rate * g`. With velocity:
/// `velocity = momentum * velocity - rate * g`, then `parameters += velocity`, or with `nesterov`
/// `parameters += momentum * velocity - rate * g` (Nesterov 1983; Sutskever et al. 2013). All
/// slices are `[P]`.
pub fn sgd<L: Lanes>(
    rate: L::Element,
    momentum: L::Element,
    nesterov: bool,
    parameters: &mut [L::Element],
    gradients: &[L::Element],
    velocity: Option<&mut [L::Element]>,
) {
    let (descent, momentum) = (L::splat(L::Element::ZERO - rate), L::splat(momentum));
    match velocity {
        None => update::<L, 1, 1>([gradients], [parameters], |[g], [p]| [g.mul_add(descent, p)]),
        Some(velocity) if nesterov => update::<L, 1, 2>([gradients], [parameters, velocity], |[g], [p, velocity]| {
            let step = g.mul(descent);
            let velocity = velocity.mul_add(momentum, step);
            [p.add(velocity.mul_add(momentum, step)), velocity]
        }),
        Some(velocity) => update::<L, 1, 2>([gradients], [parameters, velocity], |[g], [p, velocity]| {
            let velocity = velocity.mul_add(momentum, g.mul(descent));
            [p.add(velocity), velocity]
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::LONGEST_TEST;
    use super::*;
    use crate::lanes::Four;
    use crate::testing::{Random, assert_near};

    const RATE: f64 = 0.1;
    const MOMENTUM: f64 = 0.9;

    /// Five steps on random gradients: plain, with momentum, and Nesterov's; the formulas are
    /// Keras' `SGD.update_step`.
    fn check<L: Lanes>(tolerance: f64) {
        let mut random = Random::new(21);
        for count in 1..LONGEST_TEST {
            for (has_velocity, nesterov) in [(false, false), (true, false), (true, true)] {
                let mut expected = random.numbers(count);
                let mut parameters: Vec<L::Element> = expected.iter().map(|&p| L::Element::from_f64(p)).collect();
                let mut velocity = vec![L::Element::ZERO; count];
                let mut expected_velocity = vec![0.0; count];
                for _ in 0..5 {
                    let g = random.numbers(count);
                    for i in 0..count {
                        if !has_velocity {
                            expected[i] -= RATE * g[i];
                            continue;
                        }
                        expected_velocity[i] = MOMENTUM * expected_velocity[i] - RATE * g[i];
                        expected[i] += if nesterov { MOMENTUM * expected_velocity[i] - RATE * g[i] } else { expected_velocity[i] };
                    }
                    let g: Vec<L::Element> = g.iter().map(|&g| L::Element::from_f64(g)).collect();
                    let [rate, momentum] = [RATE, MOMENTUM].map(L::Element::from_f64);
                    sgd::<L>(rate, momentum, nesterov, &mut parameters, &g, has_velocity.then_some(&mut velocity));
                }
                assert_near(&parameters, &expected, tolerance, "parameters");
                assert_near(&velocity, &expected_velocity, tolerance, "velocity");
            }
        }
    }

    #[test]
    fn follows_the_formulas() {
        check::<f64>(1e-14);
        check::<f32>(1e-6);
        check::<Four<f64>>(1e-14);
        check::<Four<f32>>(1e-6);
    }
}
