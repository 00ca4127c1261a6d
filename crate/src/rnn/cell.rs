//! What a recurrent cell is.

use crate::lanes::Lanes;

/// Gates `gate..gate + count` of the kernel feed the blocks `block..block + count` of a saved row.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    pub gate: usize,
    pub block: usize,
    pub count: usize,
}

/// The equations of one unit at one step, for `STATES` states (h first) and `SAVED` numbers kept for backward.
///
/// A saved row is `SAVED` blocks of H floats. The driver fills the blocks with input projection, bias and recurrent products
/// (the pre-activations); `forward` turns them into what backward needs, and `backward` into the gradients of the
/// pre-activations.
pub trait Cell<const STATES: usize, const SAVED: usize>: Copy {
    /// G
    const GATES: usize;
    /// How many gates, from the first, `h · recurrent_kernel` feeds; they feed the first blocks.
    const RECURRENT_GATES: usize;
    /// Where the input projection goes.
    const INPUT: &'static [Segment];
    /// Whether the bias is `[2, G*H]`, of the input and of the recurrent product.
    const RECURRENT_BIAS: bool = false;
    /// Whether the last gate's recurrent product takes `reset`'s result instead of h.
    const RESET: bool = false;

    /// Pre-activations and previous states to saved numbers and new states.
    fn forward<L: Lanes>(self, blocks: [L; SAVED], previous: [L; STATES]) -> ([L; SAVED], [L; STATES]);

    /// Saved numbers, states before and after, and the gradients of the states after, to the gradients of the pre-activations
    /// and the part of the gradients of the states before that does not go through the recurrent product.
    fn backward<L: Lanes>(
        self,
        saved: [L; SAVED],
        previous: [L; STATES],
        current: [L; STATES],
        gradients: [L; STATES],
    ) -> ([L; SAVED], [L; STATES]);

    /// Before `forward`, when `RESET`: the blocks with their gates activated, and the left side of the last gate's product.
    fn reset<L: Lanes>(self, blocks: [L; SAVED], _h: L) -> ([L; SAVED], L) {
        (blocks, L::splat(crate::lanes::Element::ZERO))
    }

    /// After `backward`, when `RESET`: given the gradient of `reset`'s result, the completed gradients of the pre-activations,
    /// what to add to the gradient of h before, and `reset`'s result.
    fn reset_backward<L: Lanes>(self, blocks: [L; SAVED], _h: L, d_product: L) -> ([L; SAVED], L, L) {
        (blocks, d_product, d_product)
    }
}
