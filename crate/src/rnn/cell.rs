//! What a recurrent cell is.

use super::Layout;
use crate::lanes::Lanes;

/// The equations of one unit at one step, for `STATES` states (h first) and `SAVED` numbers kept
/// for backward.
///
/// A saved row is `SAVED` blocks of H floats. The driver fills the blocks with input projection,
/// bias and recurrent products (the pre-activations); `forward` turns them into what backward
/// needs, and `backward` into the gradients of the pre-activations.
pub trait Cell<const STATES: usize, const SAVED: usize>: Copy {
    /// Where its numbers are.
    const LAYOUT: Layout;

    /// Whether its rows have a form of their own that saves nothing; the others save what nobody
    /// reads.
    const USUAL: bool;

    /// Pre-activations and previous states, each read where it is used, to saved numbers and new
    /// states.
    fn forward<L: Lanes>(self, block: impl Fn(usize) -> L, previous: impl Fn(usize) -> L) -> ([L; SAVED], [L; STATES]);

    /// Saved numbers, states before and after, and the gradients of the states after, to the
    /// gradients of the pre-activations and the part of the gradients of the states before that
    /// does not go through the recurrent product.
    fn backward<L: Lanes>(
        self,
        saved: [L; SAVED],
        previous: [L; STATES],
        current: [L; STATES],
        gradients: [L; STATES],
    ) -> ([L; SAVED], [L; STATES]);

    /// Before `forward`, when the layout says `reset`: the blocks with their gates activated, and
    /// the left side of the last gate's product.
    fn reset<L: Lanes>(self, blocks: [L; SAVED], _h: L) -> ([L; SAVED], L) {
        (blocks, L::splat(crate::lanes::Element::ZERO))
    }

    /// After `backward`, when the layout says `reset`: given the gradient of `reset`'s result, the
    /// completed gradients of the pre-activations, what to add to the gradient of h before, and
    /// `reset`'s result.
    fn reset_backward<L: Lanes>(self, blocks: [L; SAVED], _h: L, d_product: L) -> ([L; SAVED], L, L) {
        (blocks, d_product, d_product)
    }
}
