//! Categorical cross-entropy over C classes, `-sum t ln q`, from probabilities and from logits.

use super::{EPSILON, RowLoss, Target, splat};
use crate::lanes::{Element, Lanes, largest, map, sum, update};

/// `q = p / sum p`, clipped to epsilon and 1 - epsilon.
#[derive(Clone, Copy)]
pub struct FromProbabilities;

impl RowLoss for FromProbabilities {
    const IS_MEAN: bool = false;

    /// `d q_j = -t_j / q_j` where q is not clipped, else 0. With the normalisation,
    /// `d p_j = (d q_j - sum over i of d q_i q_i) / sum p`.
    fn row<L: Lanes>(self, p: &[L::Element], target: Target<L::Element>, factor: f64, d_p: Option<&mut [L::Element]>) -> f64 {
        let total = sum::<L, 1>([p], |[p]| p);
        match target {
            Target::Class(class) => {
                let q = p[class].to_f64() / total;
                let kept = q.clamp(EPSILON, 1.0 - EPSILON);
                let is_clipped = (q - kept).abs() > 0.0;
                if let Some(d_p) = d_p {
                    let d_others = if is_clipped { 0.0 } else { factor / total };
                    d_p.fill(L::Element::from_f64(d_others));
                    if !is_clipped {
                        d_p[class] = L::Element::from_f64(d_others * (1.0 - 1.0 / q));
                    }
                }
                -factor * kept.ln()
            }
            Target::Row(t) => {
                let (zero, low, high) = (splat::<L>(0.0), splat::<L>(EPSILON), splat::<L>(1.0 - EPSILON));
                let scale = splat::<L>(1.0 / total);
                let unless_clipped = |q: L, value: L| L::select(q.less_than(low), zero, L::select(high.less_than(q), zero, value));
                if let Some(d_p) = d_p {
                    let mean = splat::<L>(sum::<L, 2>([p, t], |[p, t]| unless_clipped(p.mul(scale), t)));
                    let factor = splat::<L>(factor / total);
                    map::<L, 2>([p, t], d_p, |[p, t]| {
                        let q = p.mul(scale);
                        factor.mul(mean.sub(unless_clipped(q, t.div(q))))
                    });
                }
                -factor * sum::<L, 2>([p, t], |[p, t]| t.mul(p.mul(scale).at_least(low).at_most(high).ln()))
            }
        }
    }
}

/// `q = softmax(x)`; with m the largest x, `ln q_j = (x_j - m) - ln sum exp(x - m)`.
#[derive(Clone, Copy)]
pub struct FromLogits;

impl RowLoss for FromLogits {
    const IS_MEAN: bool = false;

    /// `d x_j = q_j sum t - t_j`. The buffer of the gradient holds the exponentials until their sum
    /// is known.
    fn row<L: Lanes>(self, x: &[L::Element], target: Target<L::Element>, factor: f64, mut d_x: Option<&mut [L::Element]>) -> f64 {
        let largest = largest::<L>(x);
        let shift = L::splat(largest);
        let total = match d_x.as_deref_mut() {
            Some(d_x) => {
                map::<L, 1>([x], d_x, |[x]| x.sub(shift).exp());
                sum::<L, 1>([d_x], |[e]| e)
            }
            None => sum::<L, 1>([x], |[x]| x.sub(shift).exp()),
        };
        let ln_total = total.ln();
        match target {
            Target::Class(class) => {
                if let Some(d_x) = d_x {
                    let scale = splat::<L>(factor / total);
                    update::<L, 0, 1>([], [d_x], |[], [e]| [e.mul(scale)]);
                    d_x[class] = L::Element::from_f64(d_x[class].to_f64() - factor);
                }
                factor * (ln_total - (x[class].to_f64() - largest.to_f64()))
            }
            Target::Row(t) => {
                if let Some(d_x) = d_x {
                    let scale = splat::<L>(factor * sum::<L, 1>([t], |[t]| t) / total);
                    let factor = splat::<L>(factor);
                    update::<L, 1, 1>([t], [d_x], |[t], [e]| [e.mul(scale).sub(factor.mul(t))]);
                }
                let ln_total = splat::<L>(ln_total);
                factor * sum::<L, 2>([x, t], |[x, t]| t.mul(ln_total.sub(x.sub(shift))))
            }
        }
    }
}
