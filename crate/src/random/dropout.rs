use super::{Purpose, Subsequence};
use crate::lanes::Element;
use core::ops::Range;

/// Arguments of [`dropout`], as in [`crate::descriptors::Dropout`].
pub struct DropoutArguments<'a, E> {
    /// T
    pub steps: usize,
    /// D
    pub features: usize,
    /// A float32 for every type of element, so that every backend drops the same elements.
    pub rate: f32,
    pub subsequence: Subsequence,
    pub shared_over_steps: bool,
    pub iteration: u32,
    /// First of these B rows in the whole batch.
    pub first_row: usize,
    /// Rows of the whole batch.
    pub total_rows: usize,
    /// `[T, B, D]`
    pub x: &'a [E],
    /// `[T, B, D]`
    pub y: &'a mut [E],
}

/// Elements whose random numbers are drawn together: those of four blocks.
const PIECE: usize = 16;

/// Inverted dropout: `y = x / (1 - rate)` where the element is kept, else 0, also where `x` is NaN.
pub fn dropout<E: Element>(arguments: DropoutArguments<E>) {
    let DropoutArguments { steps, features, rate, subsequence, iteration, first_row, total_rows, x, y, .. } = arguments;
    let step_length = x.len() / steps.max(1);
    // Comparing whole words with this gives the same result as comparing their 24-bit fractions.
    let first_kept = ((f64::from(rate) * 16_777_216.0).ceil() as u32) << 8;
    let scale = E::from_f64(1.0 / (1.0 - f64::from(rate)));
    let mut apply = |elements: Range<usize>, words: &[u32]| {
        keep(&mut y[elements.clone()], &x[elements], words, first_kept, scale);
    };
    let draw = |piece| subsequence.four_blocks(Purpose::Dropout, iteration, piece * 4);
    if arguments.shared_over_steps {
        for_each_piece((first_row * features) as u64, step_length, draw, |place, words| {
            for step in 0..steps {
                let start = step * step_length;
                apply(start + place.start..start + place.end, words);
            }
        });
    } else {
        for step in 0..steps {
            let start = step * step_length;
            let first = (step as u64 * total_rows as u64 + first_row as u64) * features as u64;
            for_each_piece(first, step_length, draw, |place, words| apply(start + place.start..start + place.end, words));
        }
    }
}

/// `y[i] = x[i] * scale` where `words[i] >= first_kept`, else 0.
#[inline(always)]
fn keep<E: Element>(y: &mut [E], x: &[E], words: &[u32], first_kept: u32, scale: E) {
    let choose = |x: E, word: u32| if word >= first_kept { x * scale } else { E::ZERO };
    match (y.first_chunk_mut::<PIECE>(), x.first_chunk::<PIECE>(), words.first_chunk::<PIECE>()) {
        // Whole pieces compile to vector code, because their size is known, and the copies of `x`
        // and `words` cannot overlap `y`.
        (Some(y), Some(&x), Some(&words)) => *y = core::array::from_fn(|n| choose(x[n], words[n])),
        _ => y.iter_mut().zip(x.iter().zip(words)).for_each(|(y, (&x, &word))| *y = choose(x, word)),
    }
}

/// Calls `visit` for the elements `first..first + count` of the whole batch, piece by piece, with
/// their places in `0..count` and their words.
#[inline(always)]
fn for_each_piece(first: u64, count: usize, draw: impl Fn(u64) -> [[u32; 4]; 4], mut visit: impl FnMut(Range<usize>, &[u32])) {
    let mut place = 0;
    while place < count {
        let element = first + place as u64;
        let lane = (element % PIECE as u64) as usize;
        let end = (place + PIECE - lane).min(count);
        let words = draw(element / PIECE as u64);
        visit(place..end, &words.as_flattened()[lane..][..end - place]);
        place = end;
    }
}

#[cfg(test)]
mod tests {
    use super::super::philox4x32;
    use super::*;

    const SUBSEQUENCE: Subsequence = Subsequence { seed: [5, 6], number: 7 };

    fn run(steps: usize, features: usize, shared: bool, rows: Range<usize>, total_rows: usize, x: &[f32]) -> Vec<f32> {
        assert_eq!(x.len(), steps * rows.len() * features);
        let mut y = vec![f32::NAN; x.len()];
        let first_row = rows.start;
        let arguments = DropoutArguments {
            steps,
            features,
            rate: 0.3,
            subsequence: SUBSEQUENCE,
            shared_over_steps: shared,
            iteration: 12,
            first_row,
            total_rows,
            x,
            y: &mut y,
        };
        dropout(arguments);
        y
    }

    #[test]
    fn each_element_uses_the_documented_number() {
        for features in 1..33 {
            for shared in [false, true] {
                let (steps, rows, total_rows) = (3, 2..5, 7);
                let x: Vec<f32> = (1..=steps * rows.len() * features).map(|x| x as f32).collect();
                let y = run(steps, features, shared, rows.clone(), total_rows, &x);
                for (place, &y) in y.iter().enumerate() {
                    let step = if shared { 0 } else { place / (rows.len() * features) };
                    let in_step = place % (rows.len() * features);
                    let element = ((step * total_rows + rows.start) * features + in_step) as u32;
                    let word = philox4x32([5, 6], [element / 4, 12, 7, 3])[element as usize % 4];
                    let is_kept = word >> 8 >= (f64::from(0.3f32) * 16_777_216.0).ceil() as u32;
                    assert_eq!(y, if is_kept { x[place] * (1.0 / (1.0 - f64::from(0.3f32))) as f32 } else { 0.0 });
                }
            }
        }
    }

    #[test]
    fn a_share_of_rate_is_dropped() {
        let y = run(1, 100_000, false, 0..1, 1, &vec![1.0; 100_000]);
        let dropped = y.iter().filter(|&&y| y == 0.0).count();
        assert!(dropped.abs_diff(30_000) < 600, "{dropped}");
    }

    #[test]
    fn splitting_a_batch_changes_nothing() {
        let (steps, features, total_rows) = (4, 5, 6);
        let x: Vec<f32> = (0..steps * features * total_rows).map(|x| x as f32 + 1.0).collect();
        for shared in [false, true] {
            let whole = run(steps, features, shared, 0..total_rows, total_rows, &x);
            for rows in [0..2, 2..6] {
                let pick = |values: &[f32]| {
                    let step =
                        |step: usize| &values[(step * total_rows + rows.start) * features..(step * total_rows + rows.end) * features];
                    (0..steps).flat_map(|t| step(t).to_vec()).collect::<Vec<f32>>()
                };
                assert_eq!(run(steps, features, shared, rows.clone(), total_rows, &pick(&x)), pick(&whole));
            }
        }
    }

    #[test]
    fn dropped_nan_is_zero() {
        let y = run(1, 200, false, 0..1, 1, &[f32::NAN; 200]);
        assert!(y.contains(&0.0) && y.iter().all(|y| y.is_nan() || *y == 0.0));
    }
}
