//! Recurrent layers: cells that are only equations, and one sequence driver for all of them.
//!
//! A cell ([`Cell`]) states what happens to one unit at one step. The driver ([`forward`],
//! [`backward`]) owns everything else: the products, truncation, reversal, masks, initial and final
//! states. So a new cell is one file with its equations. The driver knows its [`Layout`] and calls
//! it for all rows of a step ([`CellRows`]), so it is compiled once for all cells of as many
//! states.
//!
//! Forward walks the steps: one product with the recurrent weights, packed once, and one pointwise
//! pass. The input's part comes from the same product, or from one for many steps before them, or
//! from gathered rows, see [`input`](self). When no backward pass follows, what a step saves makes
//! way for the next, and only the states that are wanted are kept. Backward walks back, leaving the
//! gradients of the pre-activations where forward saved the gates, and adds up the weights'
//! gradients some hundred steps at a time, or all at the end, see [`weight_gradients`](self); those
//! of a table and of the input always at the end.
//!
//! Only the sequences alive at a step are computed. Their saved rows stand one after another
//! ([`schedule::Schedule`]), so the time of a masked batch falls with the number of its valid
//! steps, wherever the mask's holes are.
//!
//! Letters as in [`crate::descriptors`]: B batch, T steps, D features, H units, G gates, S saved
//! blocks a row, V vocabulary; P is the number of valid steps of all sequences, P <= T*B.

mod arguments;
mod backward;
mod cell;
mod cell_rows;
mod forward;
mod gru;
mod input;
mod input_gradient;
mod input_weights;
mod kernel;
mod layout;
mod lstm;
mod pointwise;
mod schedule;
mod simple_rnn;
mod state_steps;
mod weight_gradients;
mod workspace;

#[cfg(test)]
mod tests;

pub use arguments::{Backward, Forward, Input, Shape};
pub use backward::{backward, backward_workspace};
pub use cell::Cell;
pub use cell_rows::{CellRows, RowsOf};
pub use forward::{forward, forward_workspace};
pub use gru::{GruResetAfter, GruResetBefore};
use input_weights::InputWeights;
pub use kernel::{FloatKernel, Kernel, pack_weights, packed_parts};
pub use layout::{Layout, MOST_SEGMENTS, Segment};
pub use lstm::Lstm;
pub use simple_rnn::SimpleRnn;
pub use workspace::WorkspaceLengths;

/// Marks an id that has no row yet.
const NONE: u32 = u32::MAX;
