//! Fully connected rows. Letters: N rows, D features, C units.

use super::row_of;
use crate::activations::RowActivation;
use crate::gemm::{self, Matrix, MatrixMut, Start};
use crate::lanes::{Element, Lanes, add};

/// Rows of the input.
#[derive(Clone, Copy)]
pub enum DenseInput<'a, E> {
    /// `[N, D]`
    Features(&'a [E]),
    /// `[N]`: one-hot rows of depth D, so the product is a row gather.
    OneHot(&'a [i32]),
}

/// Sizes of a dense layer's batch.
#[derive(Clone, Copy, Debug)]
pub struct DenseShape {
    /// N
    pub rows: usize,
    /// D
    pub features: usize,
    /// C
    pub units: usize,
}

/// Floats of workspace of [`dense_forward`].
pub fn dense_forward_workspace<L: Lanes>(shape: DenseShape) -> usize {
    gemm::workspace_length::<L>(shape.rows, shape.features, shape.units)
}

/// Floats of workspace of [`dense_backward`]: the gradient before the activation, `[N, C]`, and the products'.
pub fn dense_backward_workspace<L: Lanes>(shape: DenseShape) -> usize {
    let DenseShape { rows, features, units } = shape;
    let d_kernel = gemm::workspace_length::<L>(features, rows, units);
    let d_x = gemm::workspace_length::<L>(rows, units, features);
    rows * units + d_kernel.max(d_x)
}

/// `y = activation(x · kernel + bias)`: `kernel[D, C]`, `bias[C]`, `y[N, C]`.
pub fn dense_forward<L: Lanes>(
    shape: DenseShape,
    activation: RowActivation,
    input: DenseInput<L::Element>,
    kernel: &[L::Element],
    bias: Option<&[L::Element]>,
    y: &mut [L::Element],
    workspace: &mut [L::Element],
) {
    let DenseShape { rows, features, units } = shape;
    match input {
        DenseInput::Features(x) => {
            let (x, kernel) = (Matrix::new(x, rows, features), Matrix::new(kernel, features, units));
            gemm::multiply::<L>(&mut MatrixMut::new(y, rows, units), x, kernel, Start::from_bias(bias), workspace);
        }
        DenseInput::OneHot(ids) => {
            for (&id, y) in ids.iter().zip(y.chunks_exact_mut(units)) {
                y.copy_from_slice(&kernel[row_of(id, features) * units..][..units]);
                if let Some(bias) = bias {
                    add::<L>(y, bias);
                }
            }
        }
    }
    activation.apply::<L>(units, y);
}

/// What [`dense_backward`] reads and writes besides the shape.
pub struct DenseBackward<'a, E> {
    pub activation: RowActivation,
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
    /// `[N, D]`
    pub d_x: Option<&'a mut [E]>,
    pub workspace: &'a mut [E],
}

/// Gradients of [`dense_forward`]; with `dz = d_y * activation'`: `d_kernel = xᵀ · dz`, `d_bias = Σ dz`, `d_x = dz · kernelᵀ`.
pub fn dense_backward<L: Lanes>(shape: DenseShape, arguments: DenseBackward<L::Element>) {
    let DenseShape { rows, features, units } = shape;
    let DenseBackward { activation, input, kernel, y, d_y, d_kernel, d_bias, d_x, workspace } = arguments;
    let (dz, workspace) = workspace.split_at_mut(rows * units);
    dz.copy_from_slice(d_y);
    activation.differentiate::<L>(units, y, dz);
    let dz = &*dz;
    match input {
        DenseInput::Features(x) => {
            let x = Matrix::new(x, rows, features).transposed();
            gemm::multiply::<L>(&mut MatrixMut::new(d_kernel, features, units), x, Matrix::new(dz, rows, units), Start::Zero, workspace);
        }
        DenseInput::OneHot(ids) => {
            d_kernel.fill(L::Element::ZERO);
            for (&id, dz) in ids.iter().zip(dz.chunks_exact(units)) {
                let row = &mut d_kernel[row_of(id, features) * units..][..units];
                add::<L>(row, dz);
            }
        }
    }
    if let Some(d_bias) = d_bias {
        d_bias.fill(L::Element::ZERO);
        for dz in dz.chunks_exact(units) {
            add::<L>(d_bias, dz);
        }
    }
    if let Some(d_x) = d_x {
        let kernel = Matrix::new(kernel, features, units).transposed();
        gemm::multiply::<L>(&mut MatrixMut::new(d_x, rows, features), Matrix::new(dz, rows, units), kernel, Start::Zero, workspace);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Random, assert_near};

    const STEP: f64 = 1e-5;

    fn forward(shape: DenseShape, code: u32, input: DenseInput<f64>, kernel: &[f64], bias: &[f64]) -> Vec<f64> {
        let mut y = vec![f64::NAN; shape.rows * shape.units];
        let mut workspace = vec![f64::NAN; dense_forward_workspace::<f64>(shape)];
        dense_forward::<f64>(shape, RowActivation::from_code(code), input, kernel, Some(bias), &mut y, &mut workspace);
        y
    }

    fn difference(values: &[f64], loss: impl Fn(&[f64]) -> f64) -> Vec<f64> {
        let mut moved = values.to_vec();
        (0..values.len())
            .map(|place| {
                moved[place] = values[place] + STEP;
                let above = loss(&moved);
                moved[place] = values[place] - STEP;
                let below = loss(&moved);
                moved[place] = values[place];
                (above - below) / (2.0 * STEP)
            })
            .collect()
    }

    #[test]
    fn gradients_match_central_differences() {
        let mut random = Random::new(40);
        // Relu, code 3, has a kink that a central difference may straddle; its derivative is tested with the activations.
        for (code, one_hot) in [0, 1, 2, 4].into_iter().flat_map(|code| [(code, false), (code, true)]) {
            for _ in 0..6 {
                let shape = DenseShape { rows: random.size(1, 9), features: random.size(1, 9), units: random.size(1, 9) };
                let x = random.numbers(shape.rows * shape.features);
                let ids: Vec<i32> = (0..shape.rows).map(|_| random.size(0, shape.features - 1) as i32).collect();
                let input = if one_hot { DenseInput::OneHot(&ids) } else { DenseInput::Features(&x) };
                let (kernel, bias) = (random.numbers(shape.features * shape.units), random.numbers(shape.units));
                let d_y = random.numbers(shape.rows * shape.units);
                let dot = |y: &[f64]| y.iter().zip(&d_y).map(|(y, d)| y * d).sum::<f64>();
                let y = forward(shape, code, input, &kernel, &bias);
                let mut d_kernel = vec![f64::NAN; kernel.len()];
                let mut d_bias = vec![f64::NAN; bias.len()];
                let mut d_x = vec![f64::NAN; x.len()];
                dense_backward::<f64>(
                    shape,
                    DenseBackward {
                        activation: RowActivation::from_code(code),
                        input,
                        kernel: &kernel,
                        y: &y,
                        d_y: &d_y,
                        d_kernel: &mut d_kernel,
                        d_bias: Some(&mut d_bias),
                        d_x: (!one_hot).then_some(&mut d_x[..]),
                        workspace: &mut vec![f64::NAN; dense_backward_workspace::<f64>(shape)],
                    },
                );
                let what = format!("activation {code}, one-hot {one_hot}, {shape:?}");
                assert_near(&d_kernel, &difference(&kernel, |kernel| dot(&forward(shape, code, input, kernel, &bias))), 1e-8, &what);
                assert_near(&d_bias, &difference(&bias, |bias| dot(&forward(shape, code, input, &kernel, bias))), 1e-8, &what);
                if !one_hot {
                    let loss = |x: &[f64]| dot(&forward(shape, code, DenseInput::Features(x), &kernel, &bias));
                    assert_near(&d_x, &difference(&x, loss), 1e-8, &what);
                }
            }
        }
    }
}
