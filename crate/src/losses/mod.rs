//! Losses over N rows of C outputs, their gradients, and accuracy, by Keras' formulas
//! (<https://keras.io/api/losses/>).
//!
//! Letters: p prediction, t target, q probabilities after Keras' normalisation, w weight of a row.
//! Gradients are those of the clipped probabilities: 0 where a probability was clipped.

mod accuracy;
mod categorical;
mod elementwise;
mod row_weights;
#[cfg(test)]
mod tests;

pub use accuracy::{AccuracyArguments, accuracy};

use crate::descriptors::{LOSSES, code_of};
use crate::lanes::{Element, Lanes};
use categorical::{FromLogits, FromProbabilities};
use elementwise::{AbsoluteError, BinaryCrossentropy, BinaryCrossentropyFromLogits, MeanOf, SquaredError};
use row_weights::RowWeights;

/// Keras' `backend.epsilon()`: probabilities are clipped to this distance from 0 and 1.
const EPSILON: f64 = 1e-7;

const MEAN_SQUARED_ERROR: u32 = code_of(LOSSES, "meanSquaredError");
const MEAN_ABSOLUTE_ERROR: u32 = code_of(LOSSES, "meanAbsoluteError");
const BINARY: u32 = code_of(LOSSES, "binaryCrossentropy");
const BINARY_FROM_LOGITS: u32 = code_of(LOSSES, "binaryCrossentropyFromLogits");
const CATEGORICAL: u32 = code_of(LOSSES, "categoricalCrossentropy");
const CATEGORICAL_FROM_LOGITS: u32 = code_of(LOSSES, "categoricalCrossentropyFromLogits");
const SPARSE: u32 = code_of(LOSSES, "sparseCategoricalCrossentropy");
const SPARSE_FROM_LOGITS: u32 = code_of(LOSSES, "sparseCategoricalCrossentropyFromLogits");

/// Arguments of [`loss`], as in [`crate::descriptors::Loss`].
pub struct LossArguments<'a, E> {
    pub kind: u32,
    /// C
    pub classes: usize,
    /// `[N, C]`
    pub prediction: &'a [E],
    /// `[N, C]`
    pub target: Option<&'a [E]>,
    /// `[N]`
    pub labels: Option<&'a [i32]>,
    /// `[N]`
    pub weight: Option<&'a [E]>,
    /// `[N]`
    pub mask: Option<&'a [i32]>,
    /// `[1]`
    pub normalizer: Option<&'a [E]>,
    /// `[N, C]`
    pub d_prediction: Option<&'a mut [E]>,
    /// `[2]`
    pub result: &'a mut [E],
}

/// The target of a row.
#[derive(Clone, Copy)]
enum Target<'a, E> {
    /// t, `[C]`
    Row(&'a [E]),
    /// The class whose t is 1.
    Class(usize),
}

/// The loss of one row.
trait RowLoss: Copy {
    /// Whether the loss of a row is a mean over its elements. Rows of equal weight can then be
    /// computed as one long row.
    const IS_MEAN: bool;

    /// Returns the loss of the row p, times `factor`, and writes its gradient, times `factor`, to
    /// `d_p`.
    fn row<L: Lanes>(self, p: &[L::Element], target: Target<L::Element>, factor: f64, d_p: Option<&mut [L::Element]>) -> f64;
}

/// Writes the weighted sum of the row losses, divided by the normalizer, its gradient, and the sum
/// of the row weights.
///
/// Panics if there is no such kind, if the target or the labels that it needs are absent, or if a
/// label is not a class.
pub fn loss<L: Lanes>(arguments: LossArguments<L::Element>) {
    match arguments.kind {
        MEAN_SQUARED_ERROR => loss_of::<L, _>(MeanOf(SquaredError), arguments),
        MEAN_ABSOLUTE_ERROR => loss_of::<L, _>(MeanOf(AbsoluteError), arguments),
        BINARY => loss_of::<L, _>(MeanOf(BinaryCrossentropy), arguments),
        BINARY_FROM_LOGITS => loss_of::<L, _>(MeanOf(BinaryCrossentropyFromLogits), arguments),
        CATEGORICAL | SPARSE => loss_of::<L, _>(FromProbabilities, arguments),
        CATEGORICAL_FROM_LOGITS | SPARSE_FROM_LOGITS => loss_of::<L, _>(FromLogits, arguments),
        kind => panic!("there is no loss with code {kind}"),
    }
}

/// A function of its own for each kind, because engines compile a function when it is first called.
#[inline(never)]
fn loss_of<L: Lanes, Loss: RowLoss>(row_loss: Loss, arguments: LossArguments<L::Element>) {
    let LossArguments { classes, prediction, target, labels, mut d_prediction, result, .. } = arguments;
    let rows = prediction.len() / classes;
    let weights = RowWeights::new(rows, arguments.weight, arguments.mask);
    let divisor = arguments.normalizer.map_or(rows as f64, |normalizer| normalizer[0].to_f64());
    let (mut sum, mut sum_of_weights) = (0.0, 0.0);
    match target {
        Some(target) if Loss::IS_MEAN && weights.are_all_one() => {
            // One row of N * C: its mean is N times too small.
            sum = row_loss.row::<L>(prediction, Target::Row(target), rows as f64 / divisor, d_prediction);
            sum_of_weights = rows as f64;
        }
        _ => {
            for n in 0..rows {
                let row = n * classes..(n + 1) * classes;
                let target = match (target, labels) {
                    (Some(target), _) => Target::Row(&target[row.clone()]),
                    (None, Some(labels)) => Target::Class(class(labels[n], classes)),
                    (None, None) => panic!("the loss has neither target nor labels"),
                };
                let weight = weights.of(n);
                let factor = weights.mean_factor * weight;
                let d_row = d_prediction.as_deref_mut().map(|d_prediction| &mut d_prediction[row.clone()]);
                sum += row_loss.row::<L>(&prediction[row], target, factor / divisor, d_row);
                sum_of_weights += weight;
            }
        }
    }
    result[0] = L::Element::from_f64(sum);
    result[1] = L::Element::from_f64(sum_of_weights);
}

/// A number in every lane.
fn splat<L: Lanes>(value: f64) -> L {
    L::splat(L::Element::from_f64(value))
}

fn class(label: i32, classes: usize) -> usize {
    match usize::try_from(label) {
        Ok(class) if class < classes => class,
        _ => panic!("label {label} is not one of {classes} classes"),
    }
}
