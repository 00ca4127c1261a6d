//! Macros that compute the arguments of kernels from a descriptor's codes and addresses, for
//! kernels of floats and of integers.

pub use crate::activations::{Pointwise, Sigmoid, Tanh};
use crate::descriptors::cell_code;
use crate::lanes::F32x4;
use crate::rnn::RowsOf;
pub use crate::rnn::{GruResetAfter, GruResetBefore, Lstm, SimpleRnn};

pub const SIMPLE_RNN: u32 = cell_code("simpleRnn");
pub const LSTM: u32 = cell_code("lstm");
pub const GRU: u32 = cell_code("gru");
pub const GRU_RESET_BEFORE: u32 = cell_code("gruResetBefore");

/// Calls `$run($d, cell)` with the rows of the cell that the descriptor's codes name. Cells with
/// the default activations are compiled separately; other activations are chosen at run time.
macro_rules! with_cell {
    ($d:ident, $run:ident) => {{
        use crate::exports::arguments::*;
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

pub fn rows_of<C, const SAVED: usize>(cell: C) -> RowsOf<F32x4, C, SAVED> {
    RowsOf::new(cell)
}

pub fn pointwise(code: u32) -> Pointwise {
    Pointwise::from_code(code).unwrap_or_else(|| panic!("there is no activation inside cells with code {code}"))
}

/// The sizes in the descriptor of a sequence.
macro_rules! sequence_shape {
    ($d:ident) => {
        crate::rnn::Shape {
            steps: $d.steps as usize,
            batch: $d.batch as usize,
            features: $d.features as usize,
            units: $d.units as usize,
            vocabulary: $d.vocabulary as usize,
            one_hot: $d.ids.is_present() && !$d.table.is_present(),
        }
    };
}

/// The input in the descriptor of a sequence.
macro_rules! sequence_input {
    ($d:ident) => {{
        use crate::rnn::Input;
        let x = buffer!($d.x[$d.steps, $d.batch, $d.features]);
        match (x, buffer!($d.ids[$d.steps, $d.batch]), buffer!($d.table[$d.vocabulary, $d.features])) {
            (Some(x), None, None) => Input::Features(x),
            (None, Some(ids), None) => Input::OneHot(ids),
            (None, Some(ids), Some(table)) => Input::Table { ids, table },
            _ => panic!("a sequence takes x, or ids, or ids and a table"),
        }
    }};
}

/// Runs a forward pass with kernels of one type, and with the buffer for what a backward pass
/// needs.
macro_rules! run_sequence {
    ($d:ident, $cell:ident, $Kernel:ty, [$kernel:expr, $recurrent_kernel:expr], $saved:expr) => {{
        let (layout, shape, saved) = ($cell.layout(), sequence_shape!($d), $saved);
        let lengths = crate::rnn::forward_workspace::<F32x4, $Kernel>(layout, shape, saved.is_some());
        for (name, steps) in [("h", $d.h_steps), ("c", $d.c_steps)] {
            assert!(steps == $d.steps || steps == 1 && saved.is_none(), "{name} is to be kept for {steps} of {} steps", $d.steps);
        }
        let (workspace, integers) = workspace!($d.workspace[lengths.floats; lengths.integers]);
        let mut c = buffer!($d.c[$d.c_steps, $d.batch, $d.units]);
        let mut h = Some(buffer!($d.h[$d.h_steps, $d.batch, $d.units]));
        let initial = [buffer!($d.initial_h[$d.batch, $d.units]), buffer!($d.initial_c[$d.batch, $d.units])];
        let arguments = crate::rnn::Forward {
            shape,
            reverse: $d.reverse != 0,
            input: sequence_input!($d),
            mask: buffer!($d.mask[$d.steps, $d.batch]),
            kernel: $kernel,
            recurrent_kernel: $recurrent_kernel,
            bias: buffer!($d.bias[layout.bias_length($d.units as usize)]),
            initial: core::array::from_fn(|n| initial[n]),
            saved,
            states: core::array::from_fn(|n| if n == 0 { h.take() } else { c.take() }.expect("an LSTM has c")),
            y: buffer!($d.y[$d.steps, $d.batch, $d.units]),
            workspace,
            integers,
        };
        crate::rnn::forward::<F32x4, $Kernel, STATES>($cell, arguments);
    }};
}

/// The sizes and the input in the descriptor of a dense layer.
macro_rules! dense_input {
    ($d:ident) => {{
        let input = match (buffer!($d.x[$d.rows, $d.features]), buffer!($d.ids[$d.rows])) {
            (Some(x), None) => layers::DenseInput::Features(x),
            (None, Some(ids)) => layers::DenseInput::OneHot(ids),
            _ => panic!("dense takes either x or ids"),
        };
        (dense_shape!($d), input)
    }};
}

/// The sizes in the descriptor of a dense layer.
macro_rules! dense_shape {
    ($d:ident) => {
        layers::DenseShape { rows: $d.rows as usize, features: $d.features as usize, units: $d.units as usize }
    };
}
