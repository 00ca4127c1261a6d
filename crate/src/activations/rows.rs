//! Activations of rows of C numbers, in place. Softmax is a function of a row, the others are
//! functions of a number.

use super::{Activation, Linear, Pointwise, Relu, Sigmoid, Tanh, softmax, softmax_backward};
use crate::lanes::{Lanes, update};

/// The activation of a layer: a pointwise one, or softmax over whole rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowActivation {
    Pointwise(Pointwise),
    Softmax,
}

impl RowActivation {
    /// From a code of [`crate::descriptors::ACTIVATIONS`]. Panics if there is no such code.
    pub fn from_code(code: u32) -> Self {
        match Pointwise::from_code(code) {
            Some(pointwise) => Self::Pointwise(pointwise),
            None if code == 4 => Self::Softmax,
            None => panic!("there is no activation with code {code}"),
        }
    }

    /// `values[N, C] = activation(values)`; C is `units`.
    pub fn apply<L: Lanes>(self, units: usize, values: &mut [L::Element]) {
        match self {
            Self::Pointwise(Pointwise::Linear) => {}
            Self::Pointwise(Pointwise::Tanh) => apply::<L>(Tanh, values),
            Self::Pointwise(Pointwise::Sigmoid) => apply::<L>(Sigmoid, values),
            Self::Pointwise(Pointwise::Relu) => apply::<L>(Relu, values),
            Self::Softmax => values.chunks_exact_mut(units).for_each(softmax::<L>),
        }
    }

    /// Overwrites `d_values[N, C]`, the gradient of the output `y[N, C]`, with the gradient of the
    /// input; C is `units`.
    pub fn differentiate<L: Lanes>(self, units: usize, y: &[L::Element], d_values: &mut [L::Element]) {
        match self {
            Self::Pointwise(Pointwise::Linear) => differentiate::<L>(Linear, y, d_values),
            Self::Pointwise(Pointwise::Tanh) => differentiate::<L>(Tanh, y, d_values),
            Self::Pointwise(Pointwise::Sigmoid) => differentiate::<L>(Sigmoid, y, d_values),
            Self::Pointwise(Pointwise::Relu) => differentiate::<L>(Relu, y, d_values),
            Self::Softmax => {
                for (y, d_row) in y.chunks_exact(units).zip(d_values.chunks_exact_mut(units)) {
                    softmax_backward::<L>(y, d_row);
                }
            }
        }
    }
}

fn apply<L: Lanes>(activation: impl Activation, values: &mut [L::Element]) {
    update::<L::Pair, 0, 1>([], [values], |[], [x]| [activation.apply(x)]);
}

fn differentiate<L: Lanes>(activation: impl Activation, y: &[L::Element], d_values: &mut [L::Element]) {
    update::<L, 1, 1>([y], [d_values], |[y], [d]| [d.mul(activation.derivative_from_output(y))]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::Four;
    use crate::testing::{Random, assert_near, values};

    fn agrees<L: Lanes>(activation: RowActivation, units: usize, [x, y, d_y, d_x]: [&[f64]; 4], tolerance: f64) {
        let mut found = values::<L::Element>(x);
        activation.apply::<L>(units, &mut found);
        assert_near(&found, y, tolerance, "forward");
        let mut d_found = values::<L::Element>(d_y);
        activation.differentiate::<L>(units, &found, &mut d_found);
        assert_near(&d_found, d_x, tolerance, "backward");
    }

    #[test]
    fn rows_match_central_differences_and_other_lanes_agree() {
        let mut random = Random::new(4);
        for code in 0..5 {
            let activation = RowActivation::from_code(code);
            for units in [1, 3, 4, 7, 33] {
                let x = random.numbers(3 * units);
                let d_y = random.numbers(3 * units);
                let forward = |x: &[f64]| {
                    let mut y = x.to_vec();
                    activation.apply::<f64>(units, &mut y);
                    y
                };
                let y = forward(&x);
                let mut d_x = d_y.clone();
                activation.differentiate::<f64>(units, &y, &mut d_x);
                let step = 1e-6;
                for place in 0..x.len() {
                    let [mut up, mut down] = [x.clone(), x.clone()];
                    up[place] += step;
                    down[place] -= step;
                    let difference: f64 =
                        forward(&up).iter().zip(forward(&down)).zip(&d_y).map(|((up, down), d)| d * (up - down) / (2.0 * step)).sum();
                    assert!((d_x[place] - difference).abs() < 1e-8, "{activation:?}, {units} units, element {place}");
                }
                agrees::<f32>(activation, units, [&x, &y, &d_y, &d_x], 2e-6);
                agrees::<Four<f32>>(activation, units, [&x, &y, &d_y, &d_x], 2e-6);
                agrees::<Four<f64>>(activation, units, [&x, &y, &d_y, &d_x], 1e-13);
            }
        }
    }

    #[test]
    #[should_panic(expected = "no activation with code 5")]
    fn unknown_codes_panic() {
        RowActivation::from_code(5);
    }
}
