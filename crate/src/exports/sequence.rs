//! Recurrent layers over whole sequences.

use super::buffer::Borrow;
use crate::activations::{Activation, Pointwise, Sigmoid, Tanh};
use crate::descriptors::{CELLS, SequenceBackward, SequenceForward};
use crate::lanes::F32x4;
use crate::rnn::{self, Backward, Cell, Forward, GruResetAfter, GruResetBefore, Input, Lstm, Shape, SimpleRnn, WorkspaceLengths};
use core::array::from_fn;

/// What is done with the cell that a descriptor names.
trait WithCell: Sized {
    type Result;
    fn run<C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(self, cell: C) -> Self::Result;

    /// The usual activations have code of their own; the others are chosen at each value.
    fn dispatch(self, cell: u32, activation: u32, recurrent_activation: u32) -> Self::Result {
        let [activation, recurrent_activation] = [activation, recurrent_activation].map(|code| match Pointwise::from_code(code) {
            Some(activation) => activation,
            None => panic!("activation {code} does not work inside a cell"),
        });
        match (activation, recurrent_activation) {
            (Pointwise::Tanh, Pointwise::Sigmoid) => self.dispatch_cell(cell, Tanh, Sigmoid),
            _ => self.dispatch_cell(cell, activation, recurrent_activation),
        }
    }

    fn dispatch_cell(self, cell: u32, activation: impl Activation, recurrent_activation: impl Activation) -> Self::Result {
        let name = CELLS.iter().find(|(_, sizes)| sizes.code == cell).map(|&(name, _)| name);
        match name {
            Some("simpleRnn") => self.run::<_, 1, 1>(SimpleRnn { activation }),
            Some("lstm") => self.run::<_, 2, 4>(Lstm { activation, recurrent_activation }),
            Some("gru") => self.run::<_, 1, 4>(GruResetAfter { activation, recurrent_activation }),
            Some("gruResetBefore") => self.run::<_, 1, 3>(GruResetBefore { activation, recurrent_activation }),
            _ => panic!("there is no cell with code {cell}"),
        }
    }
}

macro_rules! shape {
    ($d:ident) => {
        Shape {
            steps: $d.steps as usize,
            batch: $d.batch as usize,
            features: $d.features as usize,
            units: $d.units as usize,
            vocabulary: if $d.table.is_present() { $d.vocabulary as usize } else { 0 },
        }
    };
}

macro_rules! input {
    ($d:ident) => {
        match (
            buffer!($d.x[$d.steps, $d.batch, $d.features]),
            buffer!($d.ids[$d.steps, $d.batch]),
            buffer!($d.table[$d.vocabulary, $d.features]),
        ) {
            (Some(x), None, None) => Input::Features(x),
            (None, Some(ids), None) => Input::OneHot(ids),
            (None, Some(ids), Some(table)) => Input::Table { ids, table },
            _ => panic!("a recurrent layer's input is x, ids, or ids with a table"),
        }
    };
}

/// Rows of a bias.
fn bias_rows<C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>() -> u32 {
    if C::RECURRENT_BIAS { 2 } else { 1 }
}

/// The cell's second state; panics when it is absent.
fn cell_state<T>(state: Option<T>) -> T {
    state.expect("a cell with two states has c")
}

struct RunForward<'d>(&'d SequenceForward);

impl WithCell for RunForward<'_> {
    type Result = ();
    fn run<C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(self, cell: C) {
        let d = self.0;
        let shape = shape!(d);
        let gates = C::GATES as u32;
        let lengths = rnn::forward_workspace::<F32x4, C, STATES, SAVED>(shape);
        let (workspace, integers) = workspace!(d.workspace[lengths.floats; lengths.integers]);
        rnn::forward::<F32x4, C, STATES, SAVED>(
            cell,
            Forward {
                shape,
                reverse: d.reverse != 0,
                input: input!(d),
                mask: buffer!(d.mask[d.steps, d.batch]),
                kernel: buffer!(d.kernel[d.features, gates, d.units]),
                recurrent_kernel: buffer!(d.recurrent_kernel[d.units, gates, d.units]),
                bias: buffer!(d.bias[bias_rows::<C, STATES, SAVED>(), gates, d.units]),
                initial: from_fn(|state| match state {
                    0 => buffer!(d.initial_h[d.batch, d.units]),
                    _ => buffer!(d.initial_c[d.batch, d.units]),
                }),
                saved: buffer!(d.saved[d.steps, d.batch, SAVED, d.units]),
                states: from_fn(|state| match state {
                    0 => buffer!(d.h[d.steps, d.batch, d.units]),
                    _ => cell_state(buffer!(d.c[d.steps, d.batch, d.units])),
                }),
                y: buffer!(d.y[d.steps, d.batch, d.units]),
                workspace,
                integers,
            },
        );
    }
}

struct RunBackward<'d>(&'d SequenceBackward);

impl WithCell for RunBackward<'_> {
    type Result = ();
    fn run<C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(self, cell: C) {
        let d = self.0;
        let shape = shape!(d);
        let gates = C::GATES as u32;
        let lengths = rnn::backward_workspace::<F32x4, C, STATES, SAVED>(shape);
        let (workspace, integers) = workspace!(d.workspace[lengths.floats; lengths.integers]);
        rnn::backward::<F32x4, C, STATES, SAVED>(
            cell,
            Backward {
                shape,
                reverse: d.reverse != 0,
                truncate: d.truncate as usize,
                input: input!(d),
                mask: buffer!(d.mask[d.steps, d.batch]),
                kernel: buffer!(d.kernel[d.features, gates, d.units]),
                recurrent_kernel: buffer!(d.recurrent_kernel[d.units, gates, d.units]),
                initial: from_fn(|state| match state {
                    0 => buffer!(d.initial_h[d.batch, d.units]),
                    _ => buffer!(d.initial_c[d.batch, d.units]),
                }),
                saved: buffer!(d.saved[d.steps, d.batch, SAVED, d.units]),
                states: from_fn(|state| match state {
                    0 => buffer!(d.h[d.steps, d.batch, d.units]),
                    _ => cell_state(buffer!(d.c[d.steps, d.batch, d.units])),
                }),
                d_output: buffer!(d.d_output[d.steps, d.batch, d.units]),
                d_final: from_fn(|state| match state {
                    0 => buffer!(d.d_final_h[d.batch, d.units]),
                    _ => buffer!(d.d_final_c[d.batch, d.units]),
                }),
                zero_output: d.zero_output != 0,
                d_kernel: buffer!(d.d_kernel[d.features, gates, d.units]),
                d_recurrent_kernel: buffer!(d.d_recurrent_kernel[d.units, gates, d.units]),
                d_bias: buffer!(d.d_bias[bias_rows::<C, STATES, SAVED>(), gates, d.units]),
                d_x: buffer!(d.d_x[d.steps, d.batch, d.features]),
                d_table: buffer!(d.d_table[d.vocabulary, d.features]),
                d_initial: from_fn(|state| match state {
                    0 => buffer!(d.d_initial_h[d.batch, d.units]),
                    _ => buffer!(d.d_initial_c[d.batch, d.units]),
                }),
                workspace,
                integers,
            },
        );
    }
}

struct ForwardWorkspace(Shape);

impl WithCell for ForwardWorkspace {
    type Result = WorkspaceLengths;
    fn run<C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(self, _: C) -> WorkspaceLengths {
        rnn::forward_workspace::<F32x4, C, STATES, SAVED>(self.0)
    }
}

struct BackwardWorkspace(Shape);

impl WithCell for BackwardWorkspace {
    type Result = WorkspaceLengths;
    fn run<C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(self, _: C) -> WorkspaceLengths {
        rnn::backward_workspace::<F32x4, C, STATES, SAVED>(self.0)
    }
}

export! {
    fn sequence_forward(d: SequenceForward) {
        RunForward(d).dispatch(d.cell, d.activation, d.recurrent_activation);
    }
}

export_workspace! {
    fn sequence_forward_workspace(d: SequenceForward) -> usize {
        let WorkspaceLengths { floats, integers } = ForwardWorkspace(shape!(d)).dispatch_cell(d.cell, Tanh, Sigmoid);
        floats + integers
    }
}

export! {
    fn sequence_backward(d: SequenceBackward) {
        RunBackward(d).dispatch(d.cell, d.activation, d.recurrent_activation);
    }
}

export_workspace! {
    fn sequence_backward_workspace(d: SequenceBackward) -> usize {
        let WorkspaceLengths { floats, integers } = BackwardWorkspace(shape!(d)).dispatch_cell(d.cell, Tanh, Sigmoid);
        floats + integers
    }
}
