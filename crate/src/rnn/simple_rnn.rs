//! The fully connected recurrent cell of Elman (1990), as Keras' `SimpleRNN`.

use super::{Cell, Layout, Segment};
use crate::activations::Activation;
use crate::lanes::{Element, Lanes};

/// `h' = activation(x · kernel + h · recurrent_kernel + bias)`
#[derive(Clone, Copy)]
pub struct SimpleRnn<A> {
    pub activation: A,
}

impl<A: Activation> Cell<1, 1> for SimpleRnn<A> {
    const LAYOUT: Layout = Layout {
        gates: 1,
        states: 1,
        saved: 1,
        recurrent_gates: 1,
        input: &[Segment { gate: 0, block: 0, count: 1 }],
        recurrent_bias: false,
        reset: false,
    };

    const USUAL: bool = A::FIXED;

    #[inline(always)]
    fn forward<L: Lanes>(self, block: impl Fn(usize) -> L, _: impl Fn(usize) -> L) -> ([L; 1], [L; 1]) {
        let h = self.activation.apply(block(0));
        ([h], [h])
    }

    #[inline(always)]
    fn backward<L: Lanes>(self, [h]: [L; 1], _: [L; 1], _: [L; 1], [d_h]: [L; 1]) -> ([L; 1], [L; 1]) {
        let d_x = d_h.mul(self.activation.derivative_from_output(h));
        ([d_x], [L::splat(L::Element::ZERO)])
    }
}
