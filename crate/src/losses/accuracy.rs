use super::class;
use super::row_weights::RowWeights;
use crate::descriptors::{ACCURACIES, code_of};
use crate::lanes::Element;

const BINARY: u32 = code_of(ACCURACIES, "binaryAccuracy");
const CATEGORICAL: u32 = code_of(ACCURACIES, "categoricalAccuracy");
const SPARSE: u32 = code_of(ACCURACIES, "sparseCategoricalAccuracy");

/// Arguments of [`accuracy`], as in [`crate::descriptors::Accuracy`].
pub struct AccuracyArguments<'a, E> {
    pub kind: u32,
    /// C
    pub classes: usize,
    pub threshold: E,
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
    /// `[2]`
    pub result: &'a mut [E],
}

/// Writes the weighted sum of the rows' accuracies, and the sum of the row weights. Masked rows
/// have weight 0.
///
/// Panics if there is no such kind, if the target or the labels that it needs are absent, or if a
/// label is not a class.
pub fn accuracy<E: Element>(arguments: AccuracyArguments<E>) {
    let AccuracyArguments { kind, classes, threshold, prediction, target, labels, weight, mask, result } = arguments;
    let weights = RowWeights::new(prediction.len() / classes, weight, mask);
    let (mut right, mut sum_of_weights) = (0.0, 0.0);
    for (n, p) in prediction.chunks_exact(classes).enumerate() {
        let target = || &target.expect("this accuracy needs a target")[n * classes..(n + 1) * classes];
        let row = match kind {
            BINARY => share_of_right(p, target(), threshold),
            CATEGORICAL => f64::from(place_of_largest(p) == place_of_largest(target())),
            SPARSE => f64::from(place_of_largest(p) == class(labels.expect("this accuracy needs labels")[n], classes)),
            _ => panic!("there is no accuracy with code {kind}"),
        };
        let weight = weights.of(n);
        right += weight * row;
        sum_of_weights += weight;
    }
    result[0] = E::from_f64(right);
    result[1] = E::from_f64(sum_of_weights);
}

fn share_of_right<E: Element>(p: &[E], t: &[E], threshold: E) -> f64 {
    let right = p.iter().zip(t).filter(|&(&p, &t)| (if p > threshold { E::ONE } else { E::ZERO }) == t).count();
    right as f64 / p.len() as f64
}

/// The place of the largest element, the first if several are equal.
fn place_of_largest<E: Element>(values: &[E]) -> usize {
    let mut largest = 0;
    for (place, &value) in values.iter().enumerate() {
        if value > values[largest] {
            largest = place;
        }
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(kind: u32, classes: usize, prediction: &[f64], target: &[f64], weight: Option<&[f64]>, mask: Option<&[i32]>) -> [f64; 2] {
        let labels: Vec<i32> = target.iter().map(|&label| label as i32).collect();
        let mut result = [f64::NAN; 2];
        let (target, labels) = if kind == 2 { (None, Some(&labels[..])) } else { (Some(target), None) };
        accuracy(AccuracyArguments { kind, classes, threshold: 0.5, prediction, target, labels, weight, mask, result: &mut result });
        result
    }

    #[test]
    fn binary_counts_elements() {
        // The threshold itself predicts 0.
        assert_eq!(run(0, 2, &[0.9, 0.5, 0.1, 0.6], &[1.0, 0.0, 1.0, 1.0], None, None), [1.5, 2.0]);
    }

    #[test]
    fn categorical_takes_the_first_of_equals() {
        let prediction = [0.4, 0.4, 0.2, 0.1, 0.2, 0.7];
        assert_eq!(run(1, 3, &prediction, &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0], None, None), [1.0, 2.0]);
        assert_eq!(run(2, 3, &prediction, &[1.0, 2.0], None, None), [1.0, 2.0]);
    }

    #[test]
    fn masked_rows_do_not_count() {
        let prediction = [0.9, 0.1, 0.2, 0.8, 0.6, 0.4];
        let result = run(2, 2, &prediction, &[0.0, 0.0, 0.0], Some(&[2.0, 3.0, 0.5]), Some(&[1, 1, 0]));
        assert_eq!(result, [2.0, 5.0]);
    }

    #[test]
    #[should_panic(expected = "label 2 is not one of 2 classes")]
    fn labels_are_classes() {
        run(2, 2, &[0.5, 0.5], &[2.0], None, None);
    }
}
