//! Recurrent layers. The codes of a descriptor select the cell, and one driver runs it.

use crate::activations::{Sigmoid, Tanh};
use crate::descriptors::{PackSequence, SequenceBackward, SequenceForward};
use crate::exports::arguments::{GRU, GRU_RESET_BEFORE, LSTM, SIMPLE_RNN};
use crate::exports::buffer::Borrow;
use crate::lanes::F32x4;
use crate::rnn::{
    self, Backward, Cell, CellRows, FloatKernel, GruResetAfter, GruResetBefore, Layout, Lstm, Shape, SimpleRnn, WorkspaceLengths,
};

fn run_forward<const STATES: usize>(d: &SequenceForward, cell: &dyn CellRows<f32, STATES>) {
    let layout = cell.layout();
    let packed = buffer!(d.packed[d.packed_length]).map(|packed| rnn::packed_parts::<F32x4>(layout, sequence_shape!(d), packed));
    let [packed_kernel, packed_recurrent] = packed.map_or([None; 2], |parts| parts.map(Some));
    let kernel = FloatKernel { floats: buffer!(d.kernel[d.features, layout.gates, d.units]), packed: packed_kernel };
    let recurrent_kernel = buffer!(d.recurrent_kernel[d.units, layout.gates, d.units]);
    let recurrent_kernel = FloatKernel { floats: recurrent_kernel, packed: packed_recurrent };
    let saved = buffer!(d.saved[d.steps, d.batch, layout.saved, d.units]);
    run_sequence!(d, cell, FloatKernel<f32>, [kernel, recurrent_kernel], saved)
}

fn forward_lengths<const STATES: usize>(d: &SequenceForward, cell: &dyn CellRows<f32, STATES>) -> usize {
    let saves = d.saved.is_present();
    let WorkspaceLengths { floats, integers } = rnn::forward_workspace::<F32x4, FloatKernel<f32>>(cell.layout(), sequence_shape!(d), saves);
    floats + integers
}

fn run_backward<const STATES: usize>(d: &SequenceBackward, cell: &dyn CellRows<f32, STATES>) {
    let (layout, shape) = (cell.layout(), sequence_shape!(d));
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
        input: sequence_input!(d),
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
    let WorkspaceLengths { floats, integers } = rnn::backward_workspace::<F32x4>(cell.layout(), sequence_shape!(d));
    floats + integers
}

fn layout_of(code: u32) -> Layout {
    match code {
        SIMPLE_RNN => SimpleRnn::<Tanh>::LAYOUT,
        LSTM => Lstm::<Tanh, Sigmoid>::LAYOUT,
        GRU => GruResetAfter::<Tanh, Sigmoid>::LAYOUT,
        GRU_RESET_BEFORE => GruResetBefore::<Tanh, Sigmoid>::LAYOUT,
        code => panic!("there is no cell with code {code}"),
    }
}

export! {
    fn pack_sequence(d: PackSequence) {
        let layout = layout_of(d.cell);
        let shape = Shape { steps: 1, batch: 1, features: d.features as usize, units: d.units as usize, vocabulary: 0, one_hot: false };
        let kernel = buffer!(d.kernel[d.features, layout.gates, d.units]);
        let recurrent_kernel = buffer!(d.recurrent_kernel[d.units, layout.gates, d.units]);
        rnn::pack_weights::<F32x4>(layout, shape, [kernel, recurrent_kernel], buffer!(d.packed[d.packed_length]));
    }
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
