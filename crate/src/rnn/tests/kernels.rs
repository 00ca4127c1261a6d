//! Runs the kernels on a problem, every buffer that they write pre-filled with NaN.

use super::definition::Kind;
use super::problem::{InputKind, Problem};
use crate::lanes::{Element, IntegerLanes};
use crate::rnn::{
    Backward, Cell, FloatKernel, Forward, GruResetAfter, GruResetBefore, Input, Lstm, RowsOf, Shape, SimpleRnn, WorkspaceLengths, backward,
    backward_workspace, forward, forward_workspace, pack_weights, packed_parts,
};
use crate::testing::{assert_near, numbers, values};

/// What forward and backward wrote.
#[derive(Default)]
pub struct Results {
    pub states: [Vec<f64>; 2],
    pub y: Vec<f64>,
    pub d_kernel: Vec<f64>,
    pub d_recurrent_kernel: Vec<f64>,
    pub d_bias: Vec<f64>,
    pub d_x: Vec<f64>,
    pub d_table: Vec<f64>,
    pub d_initial: [Vec<f64>; 2],
}

impl Results {
    /// Asserts that both are the same numbers.
    pub fn assert_near(&self, expected: &Self, tolerance: f64, what: &str) {
        for ((name, found), (_, expected)) in self.tensors().into_iter().zip(expected.tensors()) {
            assert_near(found, expected, tolerance, &format!("{name} {what}"));
        }
    }

    fn tensors(&self) -> [(&'static str, &[f64]); 10] {
        let Self { states: [h, c], y, d_kernel, d_recurrent_kernel, d_bias, d_x, d_table, d_initial: [d_h, d_c] } = self;
        [
            ("h", h),
            ("c", c),
            ("y", y),
            ("d_kernel", d_kernel),
            ("d_recurrent_kernel", d_recurrent_kernel),
            ("d_bias", d_bias),
            ("d_x", d_x),
            ("d_table", d_table),
            ("d_h", d_h),
            ("d_c", d_c),
        ]
    }
}

/// Forward and backward through the kernels of the problem's cell.
pub fn run<L: IntegerLanes>(problem: &Problem) -> Results {
    let (activation, recurrent_activation) = (problem.options.activation, problem.options.recurrent_activation);
    match problem.options.kind {
        Kind::SimpleRnn => run_cell::<L, _, 1, 1>(SimpleRnn { activation }, problem),
        Kind::Lstm => run_cell::<L, _, 2, 4>(Lstm { activation, recurrent_activation }, problem),
        Kind::GruResetAfter => run_cell::<L, _, 1, 4>(GruResetAfter { activation, recurrent_activation }, problem),
        Kind::GruResetBefore => run_cell::<L, _, 1, 3>(GruResetBefore { activation, recurrent_activation }, problem),
    }
}

fn nan<E: Element>(count: usize) -> Vec<E> {
    vec![E::from_f64(f64::NAN); count]
}

fn present<T>(values: &[T]) -> Option<&[T]> {
    (!values.is_empty()).then_some(values)
}

fn present_mut<T>(values: &mut [T]) -> Option<&mut [T]> {
    (!values.is_empty()).then_some(values)
}

fn run_cell<L: IntegerLanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(cell: C, problem: &Problem) -> Results {
    let cell = RowsOf::<L, C, SAVED>::new(cell);
    let options = &problem.options;
    // What problems leave out, because it is the kind of input once more.
    let shape = Shape { one_hot: options.input == InputKind::OneHot, ..options.shape };
    let tolerance = if size_of::<L::Element>() == 8 { 1e-12 } else { 1e-5 };
    let size = shape.positions() * shape.units;
    let parameters = &problem.parameters;
    let [kernel, recurrent_kernel, bias, x, table] =
        [&parameters.kernel, &parameters.recurrent_kernel, &parameters.bias, &parameters.x, &parameters.table]
            .map(|v| values::<L::Element>(v));
    let initial: [Vec<L::Element>; STATES] = core::array::from_fn(|n| values(&parameters.initial[n]));
    let input = match options.input {
        InputKind::Features => Input::Features(&x),
        InputKind::OneHot => Input::OneHot(&problem.ids),
        InputKind::Table => Input::Table { ids: &problem.ids, table: &table },
    };
    let mut saved = nan(size * SAVED);
    let mut states: [Vec<L::Element>; STATES] = core::array::from_fn(|_| nan(size));
    let mut y = nan(size);
    let padded = shape.units * C::LAYOUT.gates + 16;
    let mut packed = nan((shape.features + shape.units) * padded);
    pack_weights::<L>(C::LAYOUT, shape, [&kernel, &recurrent_kernel], &mut packed);
    let run_forward = |is_packed: bool, saved: Option<&mut [L::Element]>, states: &mut [Vec<L::Element>; STATES], y: &mut [L::Element]| {
        let parts = packed_parts::<L>(C::LAYOUT, shape, &packed).map(|part| is_packed.then_some(part));
        let WorkspaceLengths { floats, integers } = forward_workspace::<L, FloatKernel<L::Element>>(C::LAYOUT, shape, saved.is_some());
        forward::<L, _, STATES>(
            &cell,
            Forward {
                shape,
                reverse: options.reverse,
                input,
                mask: problem.mask.as_deref(),
                kernel: FloatKernel { floats: &kernel, packed: parts[0] },
                recurrent_kernel: FloatKernel { floats: &recurrent_kernel, packed: parts[1] },
                bias: present(&bias),
                initial: initial.each_ref().map(|state| present(state)),
                saved,
                states: states.each_mut().map(|state| &mut state[..]),
                y: Some(y),
                workspace: &mut nan(floats),
                integers: &mut vec![u32::MAX / 2; integers],
            },
        );
    };
    run_forward(false, Some(&mut saved), &mut states, &mut y);
    // Without backward, whatever of the states is kept, and with weights that were packed before.
    let step = shape.batch * shape.units;
    for (number, lengths) in [[step, step], [size, step], [step, size], [size, size]].into_iter().enumerate() {
        let mut last: [Vec<L::Element>; STATES] = core::array::from_fn(|n| nan(lengths[n]));
        let mut other_y = nan(size);
        run_forward(number % 2 == 1, None, &mut last, &mut other_y);
        assert_near(&numbers(&other_y), &numbers(&y), tolerance, &format!("y without backward of {options:?}"));
        for (last, state) in last.iter().zip(&states) {
            assert_near(
                &numbers(last),
                &numbers(&state[size - last.len()..]),
                tolerance,
                &format!("a state without backward of {options:?}"),
            );
        }
    }
    let d_output = values::<L::Element>(&problem.d_output);
    let d_final: [Vec<L::Element>; STATES] = core::array::from_fn(|n| values(&problem.d_final[n]));
    let mut d_initial: [Vec<L::Element>; STATES] = core::array::from_fn(|_| nan(shape.batch * shape.units));
    let [mut d_kernel, mut d_recurrent_kernel, mut d_bias, mut d_x, mut d_table] =
        [&kernel, &recurrent_kernel, &bias, &x, &table].map(|values| nan::<L::Element>(values.len()));
    let WorkspaceLengths { floats, integers } = backward_workspace::<L>(C::LAYOUT, shape);
    backward::<L, STATES>(
        &cell,
        Backward {
            shape,
            reverse: options.reverse,
            truncate: options.truncate,
            input,
            mask: problem.mask.as_deref(),
            kernel: &kernel,
            recurrent_kernel: &recurrent_kernel,
            initial: initial.each_ref().map(|state| present(state)),
            saved: &mut saved,
            states: states.each_ref().map(|state| &state[..]),
            d_output: present(&d_output),
            d_final: d_final.each_ref().map(|gradient| present(gradient)),
            zero_output: options.zero_output,
            d_kernel: &mut d_kernel,
            d_recurrent_kernel: &mut d_recurrent_kernel,
            d_bias: present_mut(&mut d_bias),
            d_x: present_mut(&mut d_x),
            d_table: present_mut(&mut d_table),
            d_initial: d_initial.each_mut().map(|gradient| Some(&mut gradient[..])),
            workspace: &mut nan(floats),
            integers: &mut vec![u32::MAX / 2; integers],
        },
    );
    let mut results = Results {
        y: numbers(&y),
        d_kernel: numbers(&d_kernel),
        d_recurrent_kernel: numbers(&d_recurrent_kernel),
        d_bias: numbers(&d_bias),
        d_x: numbers(&d_x),
        d_table: numbers(&d_table),
        ..Results::default()
    };
    for n in 0..STATES {
        results.states[n] = numbers(&states[n]);
        results.d_initial[n] = numbers(&d_initial[n]);
    }
    results
}
