//! The trait that recurrent cells implement.

use super::Layout;
use crate::lanes::Lanes;

/// The equations of one unit at one step, with `STATES` states (h first) and `SAVED` numbers that
/// are saved for backward.
///
/// A saved row is `SAVED` blocks of H floats. The driver writes the pre-activations into the
/// blocks: the sums of input projection, bias and recurrent product. `forward` overwrites them with
/// the numbers that backward needs, and `backward` overwrites these with the gradients of the
/// pre-activations.
pub trait Cell<const STATES: usize, const SAVED: usize>: Copy {
    /// Where the cell's numbers are in the weights and in saved rows.
    const LAYOUT: Layout;

    /// Whether the rows of this cell are also compiled in a form that saves nothing, for forward
    /// passes without backward. Other cells then save numbers that are not read.
    const USUAL: bool;

    /// Computes the saved numbers and the new states from the pre-activations, `block(b)`, and the
    /// previous states, `previous(n)`. Each is read where it is used.
    fn forward<L: Lanes>(self, block: impl Fn(usize) -> L, previous: impl Fn(usize) -> L) -> ([L; SAVED], [L; STATES]);

    /// Computes the gradients of the pre-activations, and of the gradients of the states before the
    /// step the part that does not go through the recurrent product. It reads the saved numbers,
    /// the states before and after the step, and the gradients of the states after it.
    fn backward<L: Lanes>(
        self,
        saved: [L; SAVED],
        previous: [L; STATES],
        current: [L; STATES],
        gradients: [L; STATES],
    ) -> ([L; SAVED], [L; STATES]);

    /// Called before `forward` if the layout has `reset`. Returns the blocks with activated gates,
    /// and the left side of the last gate's recurrent product.
    fn reset<L: Lanes>(self, blocks: [L; SAVED], _h: L) -> ([L; SAVED], L) {
        (blocks, L::splat(crate::lanes::Element::ZERO))
    }

    /// Called after `backward` if the layout has `reset`, with the gradient of the result of
    /// `reset`. Returns the gradients of all pre-activations, the term to add to the gradient of h
    /// before the step, and the result of `reset`.
    fn reset_backward<L: Lanes>(self, blocks: [L; SAVED], _h: L, d_product: L) -> ([L; SAVED], L, L) {
        (blocks, d_product, d_product)
    }
}
