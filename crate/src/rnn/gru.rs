//! Gated recurrent units, as Keras' `GRU`: the form of Cho et al. (2014), and that of cuDNN, which
//! applies the reset gate after the recurrent product.
//!
//! Gates in Keras' order: z (update), r (reset), g (candidate). In both forms
//! `h' = z * h + (1 - z) * g`.

use super::{Cell, Layout, Segment};
use crate::activations::{Activation, one};
use crate::lanes::Lanes;

/// Keras' default, `reset_after=True`. With x the input's part of the pre-activations, and u the
/// recurrent product's:
///
/// ```text
/// z = recurrent_activation(x_z + u_z)    r = recurrent_activation(x_r + u_r)
/// g = activation(x_g + r * u_g)
/// ```
///
/// Saved blocks: z, r, u_g, g. The recurrent product is written to the first three, and x_g to the
/// last.
#[derive(Clone, Copy)]
pub struct GruResetAfter<A, R> {
    pub activation: A,
    pub recurrent_activation: R,
}

impl<A: Activation, R: Activation> Cell<1, 4> for GruResetAfter<A, R> {
    const LAYOUT: Layout = Layout {
        gates: 3,
        states: 1,
        saved: 4,
        recurrent_gates: 3,
        input: &[Segment { gate: 0, block: 0, count: 2 }, Segment { gate: 2, block: 3, count: 1 }],
        recurrent_bias: true,
        reset: false,
    };

    const USUAL: bool = A::FIXED && R::FIXED;

    #[inline(always)]
    fn forward<L: Lanes>(self, block: impl Fn(usize) -> L, previous: impl Fn(usize) -> L) -> ([L; 4], [L; 1]) {
        let r = self.recurrent_activation.apply(block(1));
        let u_g = block(2);
        let g = self.activation.apply(r.mul_add(u_g, block(3)));
        let z = self.recurrent_activation.apply(block(0));
        ([z, r, u_g, g], [z.mul_add(previous(0).sub(g), g)])
    }

    #[inline(always)]
    fn backward<L: Lanes>(self, [z, r, u_g, g]: [L; 4], [h]: [L; 1], _: [L; 1], [d_h]: [L; 1]) -> ([L; 4], [L; 1]) {
        let d_z = d_h.mul(h.sub(g)).mul(self.recurrent_activation.derivative_from_output(z));
        let d_g = d_h.mul(one::<L>().sub(z)).mul(self.activation.derivative_from_output(g));
        let d_r = d_g.mul(u_g).mul(self.recurrent_activation.derivative_from_output(r));
        ([d_z, d_r, d_g.mul(r), d_g], [d_h.mul(z)])
    }
}

/// `reset_after=False`:
///
/// ```text
/// z = recurrent_activation(x_z + (h · R)_z)    r = recurrent_activation(x_r + (h · R)_r)
/// g = activation(x_g + ((r * h) · R)_g)
/// ```
///
/// Saved blocks: z, r, g.
#[derive(Clone, Copy)]
pub struct GruResetBefore<A, R> {
    pub activation: A,
    pub recurrent_activation: R,
}

impl<A: Activation, R: Activation> Cell<1, 3> for GruResetBefore<A, R> {
    const LAYOUT: Layout = Layout {
        gates: 3,
        states: 1,
        saved: 3,
        recurrent_gates: 2,
        input: &[Segment { gate: 0, block: 0, count: 2 }, Segment { gate: 2, block: 2, count: 1 }],
        recurrent_bias: false,
        reset: true,
    };

    #[inline(always)]
    fn reset<L: Lanes>(self, [z, r, x_g]: [L; 3], h: L) -> ([L; 3], L) {
        let z = self.recurrent_activation.apply(z);
        let r = self.recurrent_activation.apply(r);
        ([z, r, x_g], r.mul(h))
    }

    const USUAL: bool = A::FIXED && R::FIXED;

    #[inline(always)]
    fn forward<L: Lanes>(self, block: impl Fn(usize) -> L, previous: impl Fn(usize) -> L) -> ([L; 3], [L; 1]) {
        let g = self.activation.apply(block(2));
        let z = block(0);
        ([z, block(1), g], [z.mul_add(previous(0).sub(g), g)])
    }

    /// `reset_backward` computes the gradient of r, so r stays in its block until then.
    #[inline(always)]
    fn backward<L: Lanes>(self, [z, r, g]: [L; 3], [h]: [L; 1], _: [L; 1], [d_h]: [L; 1]) -> ([L; 3], [L; 1]) {
        let d_z = d_h.mul(h.sub(g)).mul(self.recurrent_activation.derivative_from_output(z));
        let d_g = d_h.mul(one::<L>().sub(z)).mul(self.activation.derivative_from_output(g));
        ([d_z, r, d_g], [d_h.mul(z)])
    }

    #[inline(always)]
    fn reset_backward<L: Lanes>(self, [d_z, r, d_g]: [L; 3], h: L, d_product: L) -> ([L; 3], L, L) {
        let d_r = d_product.mul(h).mul(self.recurrent_activation.derivative_from_output(r));
        ([d_z, d_r, d_g], d_product.mul(r), r.mul(h))
    }
}
