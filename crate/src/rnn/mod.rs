//! Recurrent layers: cells that are only equations, and one sequence driver for all of them.
//!
//! A cell ([`Cell`]) states what happens to one unit at one step. The driver ([`forward`], [`backward`]) owns everything else: the
//! products, truncation, reversal, masks, initial and final states. So a new cell is one file with its equations.
//!
//! Forward projects the input of all steps by one product (or gathers rows, see [`input`](self)), then walks the steps: one product
//! with the recurrent weights, packed once, and one pointwise pass. Backward walks back, leaving the gradients of the
//! pre-activations where forward saved the gates, and computes the weight gradients of all steps at once at the end.
//!
//! Only the sequences alive at a step are computed. Their saved rows stand one after another ([`schedule::Schedule`]), so the time
//! of a masked batch falls with the number of its valid steps, wherever the mask's holes are.
//!
//! Letters as in [`crate::descriptors`]: B batch, T steps, D features, H units, G gates, S saved blocks a row, V vocabulary;
//! P is the number of valid steps of all sequences, P <= T*B.

mod arguments;
mod backward;
mod cell;
mod forward;
mod gru;
mod input;
mod input_gradient;
mod lstm;
mod pointwise;
mod schedule;
mod simple_rnn;

#[cfg(test)]
mod tests;

pub use arguments::{Backward, Forward, Input, Shape};
pub use backward::{backward, backward_workspace};
pub use cell::{Cell, Segment};
pub use forward::{forward, forward_workspace};
pub use gru::{GruResetAfter, GruResetBefore};
pub use lstm::Lstm;
pub use simple_rnn::SimpleRnn;

/// Marks an id that has no row yet.
const NONE: u32 = u32::MAX;

/// Lengths of the two workspaces of a sequence kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkspaceLengths {
    pub floats: usize,
    pub integers: usize,
}
