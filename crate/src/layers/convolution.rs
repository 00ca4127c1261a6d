//! Convolution over one or two axes. In memory, the rows of a batch at one place of a sequence or
//! an image are contiguous. So the input of a tap is the input from another row on. Each tap is one
//! product that is added to the output, and no input is gathered.
//!
//! Letters: P and Q places of the two axes, B rows, G groups of D channels and F filters each.

use super::Windows;
use crate::gemm::{self, Matrix, MatrixMut, Start};
use crate::lanes::{Element, Lanes, add};

/// Sizes of a convolution.
#[derive(Clone, Copy, Debug)]
pub struct Convolution {
    /// The axes of the windows: the inner one `[P]`, then the outer one `[Q]`.
    pub axes: [Windows; 2],
    /// B
    pub rows: usize,
    /// G
    pub groups: usize,
    /// D: channels of a group.
    pub depth: usize,
    /// F: filters of a group.
    pub filters: usize,
}

/// The rows of the input and of the output in one product of a tap.
struct Run {
    tap: usize,
    x: usize,
    y: usize,
    rows: usize,
}

impl Convolution {
    /// G * D
    fn channels(&self) -> usize {
        self.groups * self.depth
    }

    /// G * F
    fn outputs(&self) -> usize {
        self.groups * self.filters
    }

    /// Taps of both axes.
    fn taps(&self) -> usize {
        self.axes[0].size * self.axes[1].size
    }

    /// Rows of the longest run.
    fn longest_run(&self) -> usize {
        self.rows * if self.axes[0].stride == 1 { self.axes[0].output } else { 1 }
    }

    /// Calls `visit` with the runs of a tap. With a stride of 1, the places of the inner axis are
    /// contiguous, so one run has them all.
    // Called through a pointer, so that this loop is compiled once.
    fn for_each_run(&self, tap: usize, visit: &mut dyn FnMut(Run)) {
        let [inner, outer] = self.axes;
        let (inner_tap, outer_tap) = (tap / outer.size, tap % outer.size);
        let places = inner.outputs_of(inner_tap);
        let step = if inner.stride == 1 { places.len() } else { 1 };
        for q in outer.outputs_of(outer_tap) {
            for p in places.clone().step_by(step.max(1)) {
                if let (Some(from), Some(above)) = (inner.input_of(p, inner_tap), outer.input_of(q, outer_tap)) {
                    let x = (above * inner.input + from) * self.rows;
                    visit(Run { tap, x, y: (q * inner.output + p) * self.rows, rows: step * self.rows });
                }
            }
        }
    }

    /// The rows `[.., D]` of one group in `x` `[.., G, D]`.
    fn input<'a, E: Copy>(&self, x: &'a [E], run: &Run, group: usize) -> Matrix<'a, E> {
        let channels = self.channels();
        Matrix::columns_of(&x[run.x * channels..][..run.rows * channels], run.rows, channels, group * self.depth, self.depth)
    }

    /// The rows `[.., F]` of one group in `y` `[.., G, F]`.
    fn output<'a, E: Copy>(&self, y: &'a [E], run: &Run, group: usize) -> Matrix<'a, E> {
        let outputs = self.outputs();
        Matrix::columns_of(&y[run.y * outputs..][..run.rows * outputs], run.rows, outputs, group * self.filters, self.filters)
    }

    /// The matrix `[D, F]` of a tap and a group in a kernel `[taps, D, G, F]`.
    fn kernel<'a, E: Copy>(&self, kernel: &'a [E], tap: usize, group: usize) -> Matrix<'a, E> {
        let length = self.depth * self.outputs();
        Matrix::columns_of(&kernel[tap * length..][..length], self.depth, self.outputs(), group * self.filters, self.filters)
    }
}

/// Floats of workspace of [`convolution_forward`].
pub fn convolution_forward_workspace<L: Lanes>(shape: Convolution) -> usize {
    gemm::workspace_length::<L>(shape.longest_run(), shape.depth, shape.filters)
}

/// `y[q, p] = bias + Σ over taps of x[q', p'] · kernel[tap]`: `x[Q, P, B, G, D]`,
/// `kernel[taps, D, G, F]`, `bias[G, F]`, `y[Q', P', B, G, F]`.
pub fn convolution_forward<L: Lanes>(
    shape: Convolution,
    x: &[L::Element],
    kernel: &[L::Element],
    bias: Option<&[L::Element]>,
    y: &mut [L::Element],
    workspace: &mut [L::Element],
) {
    let outputs = shape.outputs();
    match bias {
        Some(bias) => y.chunks_exact_mut(outputs).for_each(|y| y.copy_from_slice(bias)),
        None => y.fill(L::Element::ZERO),
    }
    for tap in 0..shape.taps() {
        for group in 0..shape.groups {
            let right = shape.kernel(kernel, tap, group);
            shape.for_each_run(tap, &mut |run| {
                let rows = &mut y[run.y * outputs..][..run.rows * outputs];
                let mut out = MatrixMut::columns_of(rows, run.rows, outputs, group * shape.filters, shape.filters);
                gemm::multiply::<L>(&mut out, shape.input(x, &run, group), right, Start::Existing, workspace);
            });
        }
    }
}

/// Arguments of [`convolution_backward`] besides the shape.
pub struct ConvolutionBackward<'a, E> {
    pub x: &'a [E],
    pub kernel: &'a [E],
    pub d_y: &'a [E],
    pub d_kernel: &'a mut [E],
    pub d_bias: Option<&'a mut [E]>,
    pub d_x: Option<&'a mut [E]>,
    pub workspace: &'a mut [E],
}

/// Floats of workspace of [`convolution_backward`].
pub fn convolution_backward_workspace<L: Lanes>(shape: Convolution) -> usize {
    let d_kernel = gemm::workspace_length::<L>(shape.depth, shape.longest_run(), shape.filters);
    d_kernel.max(gemm::workspace_length::<L>(shape.longest_run(), shape.filters, shape.depth))
}

/// Gradients of [`convolution_forward`]: of each tap `d_kernel = Σ xᵀ · d_y` and
/// `d_x += d_y · kernelᵀ`; `d_bias = Σ d_y`.
pub fn convolution_backward<L: Lanes>(shape: Convolution, arguments: ConvolutionBackward<L::Element>) {
    let ConvolutionBackward { x, kernel, d_y, d_kernel, d_bias, mut d_x, workspace } = arguments;
    let (channels, outputs) = (shape.channels(), shape.outputs());
    d_kernel.fill(L::Element::ZERO);
    if let Some(d_x) = d_x.as_deref_mut() {
        d_x.fill(L::Element::ZERO);
    }
    if let Some(d_bias) = d_bias {
        d_bias.fill(L::Element::ZERO);
        for d_y in d_y.chunks_exact(outputs) {
            add::<L>(d_bias, d_y);
        }
    }
    let length = shape.depth * outputs;
    for tap in 0..shape.taps() {
        for group in 0..shape.groups {
            shape.for_each_run(tap, &mut |run| {
                let rows = &mut d_kernel[run.tap * length..][..length];
                let mut out = MatrixMut::columns_of(rows, shape.depth, outputs, group * shape.filters, shape.filters);
                let left = shape.input(x, &run, group).transposed();
                gemm::multiply::<L>(&mut out, left, shape.output(d_y, &run, group), Start::Existing, workspace);
            });
            let Some(d_x) = d_x.as_deref_mut() else { continue };
            let right = shape.kernel(kernel, tap, group).transposed();
            shape.for_each_run(tap, &mut |run| {
                let rows = &mut d_x[run.x * channels..][..run.rows * channels];
                let mut out = MatrixMut::columns_of(rows, run.rows, channels, group * shape.depth, shape.depth);
                gemm::multiply::<L>(&mut out, shape.output(d_y, &run, group), right, Start::Existing, workspace);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::Four;
    use crate::testing::{Random, assert_near, numbers, values};

    fn windows(random: &mut Random) -> Windows {
        let (input, size, stride) = (random.size(1, 6), random.size(1, 3), random.size(1, 2));
        let dilation = if stride == 1 { random.size(1, 2) } else { 1 };
        let (span, before) = ((size - 1) * dilation, random.size(0, (size - 1) * dilation));
        Windows { input, output: (input + span).saturating_sub(span) / stride.min(input).max(1), size, stride, dilation, before }
    }

    struct Problem {
        shape: Convolution,
        x: Vec<f64>,
        kernel: Vec<f64>,
        bias: Vec<f64>,
        d_y: Vec<f64>,
    }

    impl Problem {
        fn random(random: &mut Random) -> Self {
            let axes = [windows(random), windows(random)];
            let (groups, depth, filters) = (random.size(1, 3), random.size(1, 9), random.size(1, 9));
            let shape = Convolution { axes, rows: random.size(1, 5), groups, depth, filters };
            Self {
                shape,
                x: random.numbers(axes[0].input * axes[1].input * shape.rows * shape.channels()),
                kernel: random.numbers(shape.taps() * depth * shape.outputs()),
                bias: random.numbers(shape.outputs()),
                d_y: random.numbers(axes[0].output * axes[1].output * shape.rows * shape.outputs()),
            }
        }

        /// y, `d_kernel`, `d_bias`, `d_x`.
        fn run<L: Lanes>(&self) -> [Vec<f64>; 4] {
            let nan = |count| vec![L::Element::from_f64(f64::NAN); count];
            let [x, kernel, bias, d_y] = [&self.x, &self.kernel, &self.bias, &self.d_y].map(|numbers| values::<L::Element>(numbers));
            let [mut y, mut d_kernel, mut d_bias, mut d_x] = [d_y.len(), kernel.len(), bias.len(), x.len()].map(nan);
            let mut workspace = nan(convolution_forward_workspace::<L>(self.shape));
            convolution_forward::<L>(self.shape, &x, &kernel, Some(&bias), &mut y, &mut workspace);
            let arguments = ConvolutionBackward {
                x: &x,
                kernel: &kernel,
                d_y: &d_y,
                d_kernel: &mut d_kernel,
                d_bias: Some(&mut d_bias),
                d_x: Some(&mut d_x),
                workspace: &mut nan(convolution_backward_workspace::<L>(self.shape)),
            };
            convolution_backward::<L>(self.shape, arguments);
            [y, d_kernel, d_bias, d_x].map(|values| numbers(&values))
        }

        /// The outputs by their definition, element by element.
        fn expected(&self) -> Vec<f64> {
            let Convolution { axes: [inner, outer], rows, groups, depth, filters } = self.shape;
            let mut y = vec![];
            for (q, p) in (0..outer.output).flat_map(|q| (0..inner.output).map(move |p| (q, p))) {
                for (row, group, filter) in (0..rows).flat_map(|b| (0..groups).flat_map(move |g| (0..filters).map(move |f| (b, g, f)))) {
                    let mut sum = self.bias[group * filters + filter];
                    for (s, t) in (0..inner.size).flat_map(|s| (0..outer.size).map(move |t| (s, t))) {
                        let (Some(from), Some(above)) = (inner.input_of(p, s), outer.input_of(q, t)) else { continue };
                        for d in 0..depth {
                            let x = self.x[((above * inner.input + from) * rows + row) * groups * depth + group * depth + d];
                            sum += x * self.kernel[(((s * outer.size + t) * depth + d) * groups + group) * filters + filter];
                        }
                    }
                    y.push(sum);
                }
            }
            y
        }

        fn loss(&self) -> f64 {
            self.expected().iter().zip(&self.d_y).map(|(y, d)| y * d).sum()
        }

        /// Central differences of the loss for one tensor.
        fn differences(&mut self, select: impl Fn(&mut Self) -> &mut Vec<f64>) -> Vec<f64> {
            (0..select(self).len())
                .map(|place| {
                    let value = select(self)[place];
                    let [above, below] = [value + 1e-5, value - 1e-5].map(|moved| {
                        select(self)[place] = moved;
                        self.loss()
                    });
                    select(self)[place] = value;
                    (above - below) / 2e-5
                })
                .collect()
        }
    }

    #[test]
    fn outputs_and_gradients_are_those_of_the_definition() {
        let mut random = Random::new(71);
        for _ in 0..40 {
            let mut problem = Problem::random(&mut random);
            let what = format!("{:?}", problem.shape);
            let results = problem.run::<f64>();
            let [y, d_kernel, d_bias, d_x] = &results;
            assert_near(y, &problem.expected(), 1e-12, &what);
            assert_near(d_kernel, &problem.differences(|problem| &mut problem.kernel), 1e-7, &what);
            assert_near(d_bias, &problem.differences(|problem| &mut problem.bias), 1e-7, &what);
            assert_near(d_x, &problem.differences(|problem| &mut problem.x), 1e-7, &what);
            for (found, expected) in problem.run::<Four<f64>>().iter().zip(&results) {
                assert_near(found, expected, 1e-12, &format!("four lanes, {what}"));
            }
            for (found, expected) in problem.run::<Four<f32>>().iter().zip(&results) {
                assert_near(found, expected, 1e-5, &format!("four lanes of float32, {what}"));
            }
        }
    }
}
