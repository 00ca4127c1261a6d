//! Fully connected layers. Letters: N rows, D features, C units.

use super::row_of;
use crate::activations::RowActivation;
use crate::gemm::{self, Matrix, MatrixMut, QuantisedMatrix, RowStore, Start};
use crate::lanes::{Element, IntegerLanes, Lanes, add};

/// Rows of the input.
#[derive(Clone, Copy)]
pub enum DenseInput<'a, E> {
    /// `[N, D]`
    Features(&'a [E]),
    /// `[N]`: ids of one-hot rows of depth D. The product gathers rows of the kernel.
    OneHot(&'a [i32]),
}

/// Sizes of one batch of a dense layer.
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

/// Floats of workspace of [`dense_backward`]: the gradient before the activation, `[N, C]`, and the
/// workspace of the products.
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

/// Floats and integers of workspace of [`quantised_dense`].
pub fn quantised_dense_workspace(shape: DenseShape) -> (usize, usize) {
    RowStore::<f32>::lengths(shape.rows, shape.features)
}

/// `y = x · kernel + bias` with a kernel of integers: [`dense_forward`] before its activation.
pub fn quantised_dense<L: IntegerLanes>(
    shape: DenseShape,
    input: DenseInput<L::Element>,
    kernel: QuantisedMatrix<L::Element>,
    bias: Option<&[L::Element]>,
    y: &mut [L::Element],
    store: RowStore<L::Element>,
) {
    let DenseShape { rows, features, units } = shape;
    match input {
        DenseInput::Features(x) => {
            let (mut y, x) = (MatrixMut::new(y, rows, units), Matrix::new(x, rows, features));
            kernel.multiply::<L>(&mut y, x, 0..1, Start::from_bias(bias), store);
        }
        DenseInput::OneHot(ids) => {
            for (&id, y) in ids.iter().zip(y.chunks_exact_mut(units)) {
                kernel.read_row::<L>(row_of(id, features), y);
                if let Some(bias) = bias {
                    add::<L>(y, bias);
                }
            }
        }
    }
}

/// Arguments of [`dense_backward`] besides the shape.
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

/// Gradients of [`dense_forward`]. With `dz = d_y * activation'`: `d_kernel = xᵀ · dz`,
/// `d_bias = Σ dz`, `d_x = dz · kernelᵀ`.
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
    use crate::lanes::Four;
    use crate::testing::{Random, assert_near, numbers, values};

    const STEP: f64 = 1e-5;

    /// A batch, in float64; ids when its rows are one-hot.
    struct Problem {
        shape: DenseShape,
        code: u32,
        x: Vec<f64>,
        ids: Option<Vec<i32>>,
        kernel: Vec<f64>,
        bias: Vec<f64>,
        d_y: Vec<f64>,
    }

    /// y, `d_kernel`, `d_bias`, and `d_x` where there is one.
    type Results = [Vec<f64>; 4];

    impl Problem {
        fn random(code: u32, one_hot: bool, random: &mut Random) -> Self {
            let shape = DenseShape { rows: random.size(1, 9), features: random.size(1, 9), units: random.size(1, 9) };
            let DenseShape { rows, features, units } = shape;
            Self {
                shape,
                code,
                x: random.numbers(if one_hot { 0 } else { rows * features }),
                ids: one_hot.then(|| (0..rows).map(|_| random.size(0, features - 1) as i32).collect()),
                kernel: random.numbers(features * units),
                bias: random.numbers(units),
                d_y: random.numbers(rows * units),
            }
        }

        fn run<L: Lanes>(&self) -> Results {
            let (shape, activation) = (self.shape, RowActivation::from_code(self.code));
            let nan = |count| vec![L::Element::from_f64(f64::NAN); count];
            let [x, kernel, bias, d_y] = [&self.x, &self.kernel, &self.bias, &self.d_y].map(|numbers| values::<L::Element>(numbers));
            let input = self.ids.as_ref().map_or(DenseInput::Features(&x), |ids| DenseInput::OneHot(ids));
            let mut y = nan(shape.rows * shape.units);
            let mut workspace = nan(dense_forward_workspace::<L>(shape));
            dense_forward::<L>(shape, activation, input, &kernel, Some(&bias), &mut y, &mut workspace);
            let [mut d_kernel, mut d_bias, mut d_x] = [kernel.len(), bias.len(), x.len()].map(nan);
            dense_backward::<L>(
                shape,
                DenseBackward {
                    activation,
                    input,
                    kernel: &kernel,
                    y: &y,
                    d_y: &d_y,
                    d_kernel: &mut d_kernel,
                    d_bias: Some(&mut d_bias),
                    d_x: self.ids.is_none().then_some(&mut d_x[..]),
                    workspace: &mut nan(dense_backward_workspace::<L>(shape)),
                },
            );
            [y, d_kernel, d_bias, d_x].map(|values| numbers(&values))
        }

        fn loss(&self) -> f64 {
            self.run::<f64>()[0].iter().zip(&self.d_y).map(|(y, d)| y * d).sum()
        }

        /// Central differences of the loss for one tensor.
        fn differences(&mut self, select: impl Fn(&mut Self) -> &mut Vec<f64>) -> Vec<f64> {
            (0..select(self).len())
                .map(|place| {
                    let value = select(self)[place];
                    let [above, below] = [value + STEP, value - STEP].map(|moved| {
                        select(self)[place] = moved;
                        self.loss()
                    });
                    select(self)[place] = value;
                    (above - below) / (2.0 * STEP)
                })
                .collect()
        }
    }

    #[test]
    fn gradients_match_central_differences() {
        let mut random = Random::new(40);
        // Relu, code 3, has a kink that a central difference may straddle; its derivative is tested
        // with the activations.
        for (code, one_hot) in [0, 1, 2, 4].into_iter().flat_map(|code| [(code, false), (code, true)]) {
            for _ in 0..6 {
                let mut problem = Problem::random(code, one_hot, &mut random);
                let results = problem.run::<f64>();
                let [_, d_kernel, d_bias, d_x] = &results;
                let what = format!("activation {code}, one-hot {one_hot}, {:?}", problem.shape);
                assert_near(d_kernel, &problem.differences(|problem| &mut problem.kernel), 1e-8, &what);
                assert_near(d_bias, &problem.differences(|problem| &mut problem.bias), 1e-8, &what);
                assert_near(d_x, &problem.differences(|problem| &mut problem.x), 1e-8, &what);
                for (found, expected) in problem.run::<Four<f64>>().iter().zip(&results) {
                    assert_near(found, expected, 1e-13, &format!("four lanes, {what}"));
                }
                for (found, expected) in problem.run::<Four<f32>>().iter().zip(&results) {
                    assert_near(found, expected, 1e-5, &format!("four lanes of float32, {what}"));
                }
            }
        }
    }
}
