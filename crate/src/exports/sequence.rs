//! Recurrent layers: a descriptor's codes pick the cell, then one driver runs it.

use super::buffer::Borrow;
use crate::activations::{Pointwise, Sigmoid, Tanh};
use crate::descriptors::{SequenceBackward, SequenceForward, cell_code};
use crate::lanes::F32x4;
use crate::rnn::{
    self, Backward, CellRows, Forward, GruResetAfter, GruResetBefore, Input, Lstm, RowsOf, Shape, SimpleRnn, WorkspaceLengths,
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

fn run_forward<const STATES: usize>(d: &SequenceForward, cell: &dyn CellRows<f32, STATES>) {
    let (layout, shape) = (cell.layout(), shape!(d));
    let lengths = rnn::forward_workspace::<F32x4>(layout, shape, d.saved.is_present());
    for (name, steps) in [("h", d.h_steps), ("c", d.c_steps)] {
        assert!(steps == d.steps || steps == 1 && !d.saved.is_present(), "{name} is to be kept for {steps} of {} steps", d.steps);
    }
    let (workspace, integers) = workspace!(d.workspace[lengths.floats; lengths.integers]);
    let mut c = buffer!(d.c[d.c_steps, d.batch, d.units]);
    let mut h = Some(buffer!(d.h[d.h_steps, d.batch, d.units]));
    let initial = [buffer!(d.initial_h[d.batch, d.units]), buffer!(d.initial_c[d.batch, d.units])];
    let arguments = Forward {
        shape,
        reverse: d.reverse != 0,
        input: input!(d),
        mask: buffer!(d.mask[d.steps, d.batch]),
        kernel: buffer!(d.kernel[d.features, layout.gates, d.units]),
        recurrent_kernel: buffer!(d.recurrent_kernel[d.units, layout.gates, d.units]),
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

fn forward_lengths<const STATES: usize>(d: &SequenceForward, cell: &dyn CellRows<f32, STATES>) -> usize {
    let WorkspaceLengths { floats, integers } = rnn::forward_workspace::<F32x4>(cell.layout(), shape!(d), d.saved.is_present());
    floats + integers
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
        with_cell!(d, run_forward)
    }
}

export_workspace! {
    fn sequence_forward_workspace(d: SequenceForward) -> usize {
        with_cell!(d, forward_lengths)
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
