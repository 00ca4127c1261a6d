//! Recurrent layers: each cell is a file of equations, and one driver runs all of them over the
//! steps of a sequence.
//!
//! A cell ([`Cell`]) computes one unit at one step. The driver ([`forward`], [`backward`]) does
//! everything else: products, truncation, reversal, masks, initial and final states. So a new cell
//! is one file with its equations. The driver reads a cell's [`Layout`] and calls it for all rows
//! of a step ([`CellRows`]), so it is compiled once for all cells with the same number of states.
//!
//! The forward pass computes each step by one product with the recurrent kernel, which is packed
//! once, and one pointwise pass. The input's part of the pre-activations comes from the same
//! product, from one product for many steps, or from gathered rows (`input.rs`). When no backward
//! pass follows, the steps of a group overwrite the saved rows of the group before it, and only the
//! states that the caller wants are kept.
//!
//! The backward pass visits the steps in reverse. It overwrites the gates that forward saved with
//! the gradients of the pre-activations. It adds the gradients of the weights for several hundred
//! valid steps at a time, or all at the end (`weight_gradients.rs`). It computes the gradients of a
//! table and of the input at the end.
//!
//! A step is valid in the sequences whose mask is not 0 there. Only valid steps are computed, and
//! their saved rows are contiguous ([`schedule::Schedule`]). So the time of a masked batch is
//! proportional to the number of its valid steps, also where a mask has zeros before valid steps.
//!
//! Letters as in [`crate::descriptors`]: B batch, T steps, D features, H units, G gates, S saved
//! blocks of a row, V vocabulary. N is the number of valid steps of all sequences, N <= T*B, and A
//! the number of valid steps of one call: those of a processing step, or of a group of steps.

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

/// The slot of an id that has no row yet.
const NONE: u32 = u32::MAX;
