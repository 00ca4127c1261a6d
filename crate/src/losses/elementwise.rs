//! Losses whose value for a row is the mean, over its C outputs, of a function of one prediction
//! and one target.

use super::{EPSILON, RowLoss, Target, splat};
use crate::lanes::{Lanes, map, sum};
use crate::math::log1p;

/// The loss of one prediction p and one target t.
pub trait ElementLoss: Copy {
    fn value<L: Lanes>(self, p: L, t: L) -> L;
    /// `d value / d p`
    fn derivative<L: Lanes>(self, p: L, t: L) -> L;
}

#[derive(Clone, Copy)]
pub struct MeanOf<Loss>(pub Loss);

impl<Loss: ElementLoss> RowLoss for MeanOf<Loss> {
    const IS_MEAN: bool = true;

    fn row<L: Lanes>(self, p: &[L::Element], target: Target<L::Element>, factor: f64, d_p: Option<&mut [L::Element]>) -> f64 {
        let Target::Row(t) = target else { panic!("this loss needs a target, not labels") };
        let factor = factor / p.len() as f64;
        if let Some(d_p) = d_p {
            let factor = splat::<L>(factor);
            map::<L, 2>([p, t], d_p, |[p, t]| factor.mul(self.0.derivative(p, t)));
        }
        factor * sum::<L, 2>([p, t], |[p, t]| self.0.value(p, t))
    }
}

/// `(p - t)^2`
#[derive(Clone, Copy)]
pub struct SquaredError;

impl ElementLoss for SquaredError {
    #[inline(always)]
    fn value<L: Lanes>(self, p: L, t: L) -> L {
        let difference = p.sub(t);
        difference.mul(difference)
    }
    #[inline(always)]
    fn derivative<L: Lanes>(self, p: L, t: L) -> L {
        let difference = p.sub(t);
        difference.add(difference)
    }
}

/// `|p - t|`, with derivative 0 at 0.
#[derive(Clone, Copy)]
pub struct AbsoluteError;

impl ElementLoss for AbsoluteError {
    #[inline(always)]
    fn value<L: Lanes>(self, p: L, t: L) -> L {
        p.sub(t).abs()
    }
    /// The sign of the difference. Where it is neither positive nor negative, it is the difference:
    /// 0 or NaN.
    #[inline(always)]
    fn derivative<L: Lanes>(self, p: L, t: L) -> L {
        let difference = p.sub(t);
        let not_positive = L::select(p.less_than(t), splat(-1.0), difference);
        L::select(t.less_than(p), splat(1.0), not_positive)
    }
}

/// `-t ln p - (1 - t) ln(1 - p)`, where p and `1 - p` are clipped to epsilon and 1. That is Keras'
/// range of p, without the rounding of its upper end in float32 (1.2e-7 instead of 1e-7).
#[derive(Clone, Copy)]
pub struct BinaryCrossentropy;

impl ElementLoss for BinaryCrossentropy {
    #[inline(always)]
    fn value<L: Lanes>(self, p: L, t: L) -> L {
        let (one, epsilon) = (splat::<L>(1.0), splat::<L>(EPSILON));
        let ln = |q: L| q.at_least(epsilon).at_most(one).ln();
        one.sub(t).mul_add(ln(one.sub(p)), t.mul(ln(p))).neg()
    }
    #[inline(always)]
    fn derivative<L: Lanes>(self, p: L, t: L) -> L {
        let (zero, one, epsilon) = (splat::<L>(0.0), splat::<L>(1.0), splat::<L>(EPSILON));
        let rest = one.sub(p);
        let inside = p.sub(t).div(p.mul(rest));
        L::select(p.less_than(epsilon), zero, L::select(rest.less_than(epsilon), zero, inside))
    }
}

/// The same loss with `p = sigmoid(x)`, computed without overflow:
/// `max(x, 0) - x t + ln(1 + exp(-|x|))`.
#[derive(Clone, Copy)]
pub struct BinaryCrossentropyFromLogits;

impl ElementLoss for BinaryCrossentropyFromLogits {
    #[inline(always)]
    fn value<L: Lanes>(self, x: L, t: L) -> L {
        let linear = x.at_least(splat(0.0)).sub(x.mul(t));
        linear.add(log1p(x.abs().neg().exp()))
    }
    #[inline(always)]
    fn derivative<L: Lanes>(self, x: L, t: L) -> L {
        x.sigmoid().sub(t)
    }
}
