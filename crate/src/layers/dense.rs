//! Fully connected layer.
//!
//! Letters: N rows, D features, C units.

use super::row_of;
use crate::activations::RowActivation;
use crate::gemm::{self, Matrix, MatrixMut, Start};
use crate::lanes::{Element, Lanes, add_to};

/// Sizes and activation of a dense layer.
#[derive(Clone, Copy, Debug)]
pub struct DenseShape {
    /// N
    pub rows: usize,
    /// D
    pub features: usize,
    /// C
    pub units: usize,
    pub activation: RowActivation,
}

/// Rows of the input.
#[derive(Clone, Copy)]
pub enum DenseInput<'a, E> {
    /// `[N, D]`
    Features(&'a [E]),
    /// `[N]`: one-hot rows of depth D.
    OneHot(&'a [i32]),
}

/// Arguments of [`dense_forward`].
pub struct DenseForwardArguments<'a, E> {
    pub shape: DenseShape,
    pub input: DenseInput<'a, E>,
    /// `[D, C]`
    pub kernel: &'a [E],
    /// `[C]`
    pub bias: Option<&'a [E]>,
    /// `[N, C]`
    pub y: &'a mut [E],
    pub workspace: &'a mut [E],
}

/// Floats of workspace for [`dense_forward`].
pub fn dense_forward_workspace_length<L: Lanes>(shape: DenseShape) -> usize {
    gemm::workspace_length::<L>(shape.rows, shape.features, shape.units)
}

/// `y = activation(x · kernel + bias)`
pub fn dense_forward<L: Lanes>(arguments: DenseForwardArguments<L::Element>) {
    let DenseForwardArguments { shape, input, kernel, bias, y, workspace } = arguments;
    let DenseShape { rows, features, units, activation } = shape;
    match input {
        DenseInput::Features(x) => {
            let (x, kernel) = (Matrix::new(x, rows, features), Matrix::new(kernel, features, units));
            gemm::multiply::<L>(&mut MatrixMut::new(y, rows, units), x, kernel, Start::from_bias(bias), workspace);
        }
        DenseInput::OneHot(ids) => {
            for (y, &id) in y.chunks_exact_mut(units).zip(ids) {
                y.copy_from_slice(&kernel[row_of(id, features) * units..][..units]);
                if let Some(bias) = bias {
                    add_to::<L>(y, bias);
                }
            }
        }
    }
    activation.apply::<L>(units, y);
}

/// Arguments of [`dense_backward`].
pub struct DenseBackwardArguments<'a, E> {
    pub shape: DenseShape,
    pub input: DenseInput<'a, E>,
    /// `[D, C]`
    pub kernel: &'a [E],
    /// `[N, C]` from forward.
    pub y: &'a [E],
    /// `[N, C]`
    pub d_y: &'a [E],
    /// `[D, C]`
    pub d_kernel: &'a mut [E],
    /// `[C]`
    pub d_bias: Option<&'a mut [E]>,
    /// `[N, D]`; only with `DenseInput::Features`.
    pub d_x: Option<&'a mut [E]>,
    pub workspace: &'a mut [E],
}

/// Floats of workspace for [`dense_backward`]: the gradients before the activation, `[N, C]`, and what the products need.
pub fn dense_backward_workspace_length<L: Lanes>(shape: DenseShape) -> usize {
    let DenseShape { rows, features, units, .. } = shape;
    let d_kernel = gemm::workspace_length::<L>(features, rows, units);
    let d_x = gemm::workspace_length::<L>(rows, units, features);
    rows * units + d_kernel.max(d_x)
}

/// Gradients of [`dense_forward`].
pub fn dense_backward<L: Lanes>(arguments: DenseBackwardArguments<L::Element>) {
    let DenseBackwardArguments { shape, input, kernel, y, d_y, d_kernel, d_bias, d_x, workspace } = arguments;
    let DenseShape { rows, features, units, activation } = shape;
    let zero = L::Element::ZERO;
    let (gradient, workspace) = workspace.split_at_mut(rows * units);
    gradient.copy_from_slice(d_y);
    activation.differentiate::<L>(units, y, gradient);
    if let Some(d_bias) = d_bias {
        d_bias.fill(zero);
        for gradient in gradient.chunks_exact(units) {
            add_to::<L>(d_bias, gradient);
        }
    }
    let gradient = &*gradient;
    let gradient_matrix = Matrix::new(gradient, rows, units);
    match input {
        DenseInput::Features(x) => {
            let x = Matrix::new(x, rows, features).transposed();
            gemm::multiply::<L>(&mut MatrixMut::new(d_kernel, features, units), x, gradient_matrix, Start::Zero, workspace);
            if let Some(d_x) = d_x {
                let kernel = Matrix::new(kernel, features, units).transposed();
                gemm::multiply::<L>(&mut MatrixMut::new(d_x, rows, features), gradient_matrix, kernel, Start::Zero, workspace);
            }
        }
        DenseInput::OneHot(ids) => {
            d_kernel.fill(zero);
            for (gradient, &id) in gradient.chunks_exact(units).zip(ids) {
                add_to::<L>(&mut d_kernel[row_of(id, features) * units..][..units], gradient);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::Pointwise;
    use crate::testing::{Random, assert_near};

    fn to<E: Element>(values: &[f64]) -> Vec<E> {
        values.iter().copied().map(E::from_f64).collect()
    }

    struct Case {
        shape: DenseShape,
        x: Vec<f64>,
        ids: Vec<i32>,
        kernel: Vec<f64>,
        bias: Vec<f64>,
    }

    impl Case {
        /// Even seeds have one-hot input, and seeds that three divides no bias.
        fn random(shape: DenseShape, seed: usize, random: &mut Random) -> Self {
            let one_hot = seed.is_multiple_of(2);
            Self {
                shape,
                x: random.numbers(if one_hot { 0 } else { shape.rows * shape.features }),
                ids: (0..if one_hot { shape.rows } else { 0 }).map(|_| random.size(0, shape.features - 1) as i32).collect(),
                kernel: random.numbers(shape.features * shape.units),
                bias: random.numbers(if seed.is_multiple_of(3) { 0 } else { shape.units }),
            }
        }

        fn forward<L: Lanes>(&self) -> Vec<L::Element> {
            let [x, kernel, bias] = [&self.x, &self.kernel, &self.bias].map(|values| to::<L::Element>(values));
            let nan = L::Element::from_f64(f64::NAN);
            let mut y = vec![nan; self.shape.rows * self.shape.units];
            dense_forward::<L>(DenseForwardArguments {
                shape: self.shape,
                input: if self.ids.is_empty() { DenseInput::Features(&x) } else { DenseInput::OneHot(&self.ids) },
                kernel: &kernel,
                bias: (!bias.is_empty()).then_some(&bias),
                y: &mut y,
                workspace: &mut vec![nan; dense_forward_workspace_length::<L>(self.shape)],
            });
            y
        }

        /// d_kernel, d_bias and d_x, each empty where there is none.
        fn backward<L: Lanes>(&self, d_y: &[f64]) -> [Vec<L::Element>; 3] {
            let [x, kernel, d_y] = [&self.x[..], &self.kernel, d_y].map(to::<L::Element>);
            let nan = L::Element::from_f64(f64::NAN);
            let [mut d_kernel, mut d_bias, mut d_x] = [kernel.len(), self.bias.len(), x.len()].map(|count| vec![nan; count]);
            dense_backward::<L>(DenseBackwardArguments {
                shape: self.shape,
                input: if self.ids.is_empty() { DenseInput::Features(&x) } else { DenseInput::OneHot(&self.ids) },
                kernel: &kernel,
                y: &self.forward::<L>(),
                d_y: &d_y,
                d_kernel: &mut d_kernel,
                d_bias: (!self.bias.is_empty()).then_some(&mut d_bias),
                d_x: self.ids.is_empty().then_some(&mut d_x),
                workspace: &mut vec![nan; dense_backward_workspace_length::<L>(self.shape)],
            });
            [d_kernel, d_bias, d_x]
        }
    }

    #[test]
    fn forward_is_the_definition() {
        let mut random = Random::new(40);
        for seed in 0..40 {
            let shape = DenseShape {
                rows: random.size(1, 33),
                features: random.size(1, 33),
                units: random.size(1, 33),
                activation: RowActivation::Pointwise(Pointwise::Tanh),
            };
            let case = Case::random(shape, seed, &mut random);
            let mut expected = Vec::new();
            for row in 0..shape.rows {
                for unit in 0..shape.units {
                    let weight = |feature: usize| case.kernel[feature * shape.units + unit];
                    let product = match case.ids.get(row) {
                        Some(&id) => weight(id as usize),
                        None => (0..shape.features).map(|feature| case.x[row * shape.features + feature] * weight(feature)).sum(),
                    };
                    expected.push((product + case.bias.get(unit).copied().unwrap_or(0.0)).tanh());
                }
            }
            assert_near(&case.forward::<f64>(), &expected, 1e-13, "float64");
            assert_near(&case.forward::<f32>(), &expected, 1e-5, "float32");
        }
    }

    #[test]
    fn gradients_match_central_differences() {
        let mut random = Random::new(41);
        let activations = [
            RowActivation::Softmax,
            RowActivation::Pointwise(Pointwise::Linear),
            RowActivation::Pointwise(Pointwise::Sigmoid),
            RowActivation::Pointwise(Pointwise::Tanh),
        ];
        for seed in 0..40 {
            let activation = activations[seed % 4];
            let shape = DenseShape { rows: random.size(1, 7), features: random.size(1, 9), units: random.size(1, 9), activation };
            let mut case = Case::random(shape, seed / 4, &mut random);
            let d_y = random.numbers(shape.rows * shape.units);
            let gradients = case.backward::<f64>(&d_y);
            let single = case.backward::<f32>(&d_y);
            let selects: [fn(&mut Case) -> &mut Vec<f64>; 3] = [|case| &mut case.kernel, |case| &mut case.bias, |case| &mut case.x];
            for ((select, gradient), single) in selects.iter().zip(&gradients).zip(&single) {
                assert_near(single, gradient, 1e-5, "float32");
                for (place, &gradient) in gradient.iter().enumerate() {
                    let mut loss_at = |offset: f64| {
                        select(&mut case)[place] += offset;
                        let loss: f64 = case.forward::<f64>().iter().zip(&d_y).map(|(y, d)| y * d).sum();
                        select(&mut case)[place] -= offset;
                        loss
                    };
                    let difference = (loss_at(1e-5) - loss_at(-1e-5)) / 2e-5;
                    assert_near(&[gradient], &[difference], 1e-8, &format!("{shape:?}"));
                }
            }
        }
    }
}
