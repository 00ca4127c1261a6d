//! Recurrent layers: a descriptor's codes pick the cell, then one driver runs it.

use super::buffer::Borrow;
use crate::activations::{Pointwise, Sigmoid, Tanh};
use crate::descriptors::{Floats, FloatsMut, Optional, QuantisedSequenceForward, SequenceBackward, SequenceForward, cell_code};
use crate::gemm::{Packing, QuantisedMatrix};
use crate::lanes::F32x4;
use crate::rnn::{
    self, Backward, CellRows, Forward, GruResetAfter, GruResetBefore, Input, Kernel, Lstm, RowsOf, Shape, SimpleRnn, WorkspaceLengths,
};

const SIMPLE_RNN: u32 = cell_code("simpleRnn");
const LSTM: u32 = cell_code("lstm");
const GRU: u32 = cell_code("gru");
const GRU_RESET_BEFORE: u32 = cell_code("gruResetBefore");

/// Calls `$run($d, cell)` with the rows of the cell that the descriptor's codes name. The default
/// activations have code of their own; any others are chosen lane by lane.
macro_rules! with_cell {
    ($d:ident, $run:ident) => {{
        let activation = pointwise($d.activation);
        let recurrent_activation = pointwise($d.recurrent_activation);
        let usual = activation == Pointwise::Tanh && recurrent_activation == Pointwise::Sigmoid;
        match $d.cell {
            SIMPLE_RNN if activation == Pointwise::Tanh => $run($d, &rows_of(SimpleRnn { activation: Tanh })),
            SIMPLE_RNN => $run($d, &rows_of(SimpleRnn { activation })),
            LSTM if usual => $run($d, &rows_of(Lstm { activation: Tanh, recurrent_activation: Sigmoid })),
            LSTM => $run($d, &rows_of(Lstm { activation, recurrent_activation })),
            GRU if usual => $run($d, &rows_of(GruResetAfter { activation: Tanh, recurrent_activation: Sigmoid })),
            GRU => $run($d, &rows_of(GruResetAfter { activation, recurrent_activation })),
            GRU_RESET_BEFORE if usual => $run($d, &rows_of(GruResetBefore { activation: Tanh, recurrent_activation: Sigmoid })),
            GRU_RESET_BEFORE => $run($d, &rows_of(GruResetBefore { activation, recurrent_activation })),
            code => panic!("there is no cell with code {code}"),
        }
    }};
}

fn rows_of<C, const SAVED: usize>(cell: C) -> RowsOf<F32x4, C, SAVED> {
    RowsOf::new(cell)
}

fn pointwise(code: u32) -> Pointwise {
    Pointwise::from_code(code).unwrap_or_else(|| panic!("there is no activation inside cells with code {code}"))
}

macro_rules! shape {
    ($d:ident) => {
        Shape {
            steps: $d.steps as usize,
            batch: $d.batch as usize,
            features: $d.features as usize,
            units: $d.units as usize,
            vocabulary: $d.vocabulary as usize,
            one_hot: $d.ids.is_present() && !$d.table.is_present(),
            quantised: false,
        }
    };
}

macro_rules! input {
    ($d:ident) => {{
        let x = buffer!($d.x[$d.steps, $d.batch, $d.features]);
        match (x, buffer!($d.ids[$d.steps, $d.batch]), buffer!($d.table[$d.vocabulary, $d.features])) {
            (Some(x), None, None) => Input::Features(x),
            (None, Some(ids), None) => Input::OneHot(ids),
            (None, Some(ids), Some(table)) => Input::Table { ids, table },
            _ => panic!("a sequence takes x, or ids, or ids and a table"),
        }
    }};
}

/// A forward pass: with integers, the kernels of `d` are absent.
struct ForwardCall<'d> {
    cell: u32,
    activation: u32,
    recurrent_activation: u32,
    d: &'d SequenceForward,
    integers: Option<&'d QuantisedSequenceForward>,
}

impl<'d> ForwardCall<'d> {
    fn new(d: &'d SequenceForward, integers: Option<&'d QuantisedSequenceForward>) -> Self {
        let SequenceForward { cell, activation, recurrent_activation, .. } = *d;
        Self { cell, activation, recurrent_activation, d, integers }
    }

    fn shape(&self) -> Shape {
        let d = self.d;
        Shape { quantised: self.integers.is_some(), ..shape!(d) }
    }

    #[inline(never)]
    fn run(&self) {
        with_cell!(self, run_forward)
    }

    #[inline(never)]
    fn lengths(&self) -> usize {
        with_cell!(self, forward_lengths)
    }
}

fn run_forward<const STATES: usize>(call: &ForwardCall, cell: &dyn CellRows<f32, STATES>) {
    let (layout, shape, d) = (cell.layout(), call.shape(), call.d);
    let lengths = rnn::forward_workspace::<F32x4>(layout, shape, d.saved.is_present());
    for (name, steps) in [("h", d.h_steps), ("c", d.c_steps)] {
        assert!(steps == d.steps || steps == 1 && !d.saved.is_present(), "{name} is to be kept for {steps} of {} steps", d.steps);
    }
    let [kernel, recurrent_kernel] = match call.integers {
        Some(integers) => kernels(integers, layout.gates),
        None => [
            Kernel::Floats(buffer!(d.kernel[d.features, layout.gates, d.units])),
            Kernel::Floats(buffer!(d.recurrent_kernel[d.units, layout.gates, d.units])),
        ],
    };
    let (workspace, integers) = workspace!(d.workspace[lengths.floats; lengths.integers]);
    let mut c = buffer!(d.c[d.c_steps, d.batch, d.units]);
    let mut h = Some(buffer!(d.h[d.h_steps, d.batch, d.units]));
    let initial = [buffer!(d.initial_h[d.batch, d.units]), buffer!(d.initial_c[d.batch, d.units])];
    let arguments = Forward {
        shape,
        reverse: d.reverse != 0,
        input: input!(d),
        mask: buffer!(d.mask[d.steps, d.batch]),
        kernel,
        recurrent_kernel,
        bias: buffer!(d.bias[layout.bias_length(d.units as usize)]),
        initial: core::array::from_fn(|n| initial[n]),
        saved: buffer!(d.saved[d.steps, d.batch, layout.saved, d.units]),
        states: core::array::from_fn(|n| if n == 0 { h.take() } else { c.take() }.expect("an LSTM has c")),
        y: buffer!(d.y[d.steps, d.batch, d.units]),
        workspace,
        integers,
    };
    rnn::forward::<F32x4, STATES>(cell, arguments);
}

fn forward_lengths<const STATES: usize>(call: &ForwardCall, cell: &dyn CellRows<f32, STATES>) -> usize {
    let WorkspaceLengths { floats, integers } = rnn::forward_workspace::<F32x4>(cell.layout(), call.shape(), call.d.saved.is_present());
    floats + integers
}

/// The same call without kernels.
#[inline(never)]
fn without_kernels(d: &QuantisedSequenceForward) -> SequenceForward {
    SequenceForward {
        cell: d.cell,
        activation: d.activation,
        recurrent_activation: d.recurrent_activation,
        steps: d.steps,
        batch: d.batch,
        features: d.features,
        units: d.units,
        vocabulary: d.vocabulary,
        reverse: d.reverse,
        h_steps: d.h_steps,
        c_steps: d.c_steps,
        x: d.x,
        ids: d.ids,
        table: d.table,
        mask: d.mask,
        kernel: Floats(0),
        recurrent_kernel: Floats(0),
        bias: d.bias,
        initial_h: d.initial_h,
        initial_c: d.initial_c,
        saved: Optional(FloatsMut(0)),
        h: d.h,
        c: d.c,
        y: d.y,
        workspace: d.workspace,
    }
}

#[inline(never)]
fn kernels(d: &QuantisedSequenceForward, gates: usize) -> [Kernel<'static, f32>; 2] {
    let (features, units, packing) = (d.features as usize, d.units as usize, Packing::from_code(d.packing));
    let words = |depth| QuantisedMatrix::<f32>::words::<F32x4>(packing, depth, gates, units);
    let (kernel, scales) = (buffer!(d.kernel[words(features)]), buffer!(d.kernel_scales[gates, d.units]));
    let (recurrent, recurrent_scales) = (buffer!(d.recurrent_kernel[words(units)]), buffer!(d.recurrent_scales[gates, d.units]));
    [(features, kernel, scales), (units, recurrent, recurrent_scales)]
        .map(|(depth, words, scales)| Kernel::Quantised(QuantisedMatrix { packing, depth, units, words, scales }))
}

fn run_backward<const STATES: usize>(d: &SequenceBackward, cell: &dyn CellRows<f32, STATES>) {
    let (layout, shape) = (cell.layout(), shape!(d));
    let lengths = rnn::backward_workspace::<F32x4>(layout, shape);
    let (workspace, integers) = workspace!(d.workspace[lengths.floats; lengths.integers]);
    let c = buffer!(d.c[d.steps, d.batch, d.units]);
    let h = buffer!(d.h[d.steps, d.batch, d.units]);
    let initial = [buffer!(d.initial_h[d.batch, d.units]), buffer!(d.initial_c[d.batch, d.units])];
    let d_final = [buffer!(d.d_final_h[d.batch, d.units]), buffer!(d.d_final_c[d.batch, d.units])];
    let mut d_initial = [buffer!(d.d_initial_h[d.batch, d.units]), buffer!(d.d_initial_c[d.batch, d.units])];
    let arguments = Backward {
        shape,
        reverse: d.reverse != 0,
        truncate: d.truncate as usize,
        input: input!(d),
        mask: buffer!(d.mask[d.steps, d.batch]),
        kernel: buffer!(d.kernel[d.features, layout.gates, d.units]),
        recurrent_kernel: buffer!(d.recurrent_kernel[d.units, layout.gates, d.units]),
        initial: core::array::from_fn(|n| initial[n]),
        saved: buffer!(d.saved[d.steps, d.batch, layout.saved, d.units]),
        states: core::array::from_fn(|n| if n == 0 { h } else { c.expect("an LSTM has c") }),
        d_output: buffer!(d.d_output[d.steps, d.batch, d.units]),
        d_final: core::array::from_fn(|n| d_final[n]),
        zero_output: d.zero_output != 0,
        d_kernel: buffer!(d.d_kernel[d.features, layout.gates, d.units]),
        d_recurrent_kernel: buffer!(d.d_recurrent_kernel[d.units, layout.gates, d.units]),
        d_bias: buffer!(d.d_bias[layout.bias_length(d.units as usize)]),
        d_x: buffer!(d.d_x[d.steps, d.batch, d.features]),
        d_table: buffer!(d.d_table[d.vocabulary, d.features]),
        d_initial: core::array::from_fn(|n| d_initial[n].take()),
        workspace,
        integers,
    };
    rnn::backward::<F32x4, STATES>(cell, arguments);
}

fn backward_lengths<const STATES: usize>(d: &SequenceBackward, cell: &dyn CellRows<f32, STATES>) -> usize {
    let WorkspaceLengths { floats, integers } = rnn::backward_workspace::<F32x4>(cell.layout(), shape!(d));
    floats + integers
}

export! {
    fn sequence_forward(d: SequenceForward) {
        ForwardCall::new(d, None).run();
    }
}

export_workspace! {
    fn sequence_forward_workspace(d: SequenceForward) -> usize {
        ForwardCall::new(d, None).lengths()
    }
}

export! {
    fn quantised_sequence_forward(d: QuantisedSequenceForward) {
        ForwardCall::new(&without_kernels(d), Some(d)).run();
    }
}

export_workspace! {
    fn quantised_sequence_forward_workspace(d: QuantisedSequenceForward) -> usize {
        ForwardCall::new(&without_kernels(d), Some(d)).lengths()
    }
}

export! {
    fn sequence_backward(d: SequenceBackward) {
        with_cell!(d, run_backward)
    }
}

export_workspace! {
    fn sequence_backward_workspace(d: SequenceBackward) -> usize {
        with_cell!(d, backward_lengths)
    }
}
