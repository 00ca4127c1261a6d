//! Long short-term memory: Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al.
//! (2000), as Keras' `LSTM`.

use super::{Cell, Layout, Segment};
use crate::activations::Activation;
use crate::lanes::{Element, Lanes};

/// Gates in Keras' order: i (input), f (forget), g (candidate), o (output). With x the
/// pre-activations:
///
/// ```text
/// i = recurrent_activation(x_i)    f = recurrent_activation(x_f)
/// g = activation(x_g)              o = recurrent_activation(x_o)
/// c' = f * c + i * g               h' = o * activation(c')
/// ```
#[derive(Clone, Copy)]
pub struct Lstm<A, R> {
    pub activation: A,
    pub recurrent_activation: R,
}

impl<A: Activation, R: Activation> Cell<2, 4> for Lstm<A, R> {
    const LAYOUT: Layout = Layout {
        gates: 4,
        states: 2,
        saved: 4,
        recurrent_gates: 4,
        input: &[Segment { gate: 0, block: 0, count: 4 }],
        recurrent_bias: false,
        reset: false,
    };

    const USUAL: bool = A::FIXED && R::FIXED;

    #[inline(always)]
    fn forward<L: Lanes>(self, block: impl Fn(usize) -> L, previous: impl Fn(usize) -> L) -> ([L; 4], [L; 2]) {
        let i = self.recurrent_activation.apply(block(0));
        let g = self.activation.apply(block(2));
        let of_candidate = i.mul(g);
        let f = self.recurrent_activation.apply(block(1));
        let c = f.mul_add(previous(1), of_candidate);
        let o = self.recurrent_activation.apply(block(3));
        let h = o.mul(self.activation.apply(c));
        ([i, f, g, o], [h, c])
    }

    #[inline(always)]
    fn backward<L: Lanes>(self, [i, f, g, o]: [L; 4], [_, c_previous]: [L; 2], [_, c]: [L; 2], [d_h, d_c]: [L; 2]) -> ([L; 4], [L; 2]) {
        let squashed_c = self.activation.apply(c);
        let d_c = d_h.mul(o).mul_add(self.activation.derivative_from_output(squashed_c), d_c);
        let d_i = d_c.mul(g).mul(self.recurrent_activation.derivative_from_output(i));
        let d_f = d_c.mul(c_previous).mul(self.recurrent_activation.derivative_from_output(f));
        let d_g = d_c.mul(i).mul(self.activation.derivative_from_output(g));
        let d_o = d_h.mul(squashed_c).mul(self.recurrent_activation.derivative_from_output(o));
        ([d_i, d_f, d_g, d_o], [L::splat(L::Element::ZERO), d_c.mul(f)])
    }
}
