//! The valid steps of a batch: which sequences are computed at which step.

use super::Shape;
use core::ops::Range;

/// The N valid steps of all sequences in processing order; within a processing step, the sequences
/// are in ascending order. Valid step n has saved row n, counted from the first one in memory.
#[derive(Clone, Copy)]
pub struct Schedule<'a> {
    shape: Shape,
    /// `[T + 1]`: the first valid step of each processing step, then N.
    starts: &'a [u32],
    /// `[N]`: the sequence.
    rows: &'a [u32],
    /// `[N]`: the row of `[T, B]` that has the input.
    inputs: &'a [u32],
    /// `[N]`: the row of `[T, B]` that has the states before the step; undefined at processing step
    /// 0.
    previous: &'a [u32],
}

impl<'a> Schedule<'a> {
    /// Integers of storage.
    pub fn length(shape: Shape) -> usize {
        shape.steps + 1 + 3 * shape.positions()
    }

    /// Builds the schedule from `mask` `[T, B]`, in `storage` of length [`Schedule::length`].
    pub fn new(shape: Shape, reverse: bool, mask: Option<&[i32]>, storage: &'a mut [u32]) -> Self {
        let positions = shape.positions();
        let (starts, storage) = storage.split_at_mut(shape.steps + 1);
        let (rows, storage) = storage.split_at_mut(positions);
        let (inputs, storage) = storage.split_at_mut(positions);
        let previous = &mut storage[..positions];
        let mut count = 0;
        for (step, start) in starts.iter_mut().enumerate() {
            *start = count as u32;
            if step == shape.steps {
                break;
            }
            let input_step = if reverse { shape.steps - 1 - step } else { step };
            for row in 0..shape.batch {
                let input = input_step * shape.batch + row;
                if mask.is_none_or(|mask| mask[input] != 0) {
                    rows[count] = row as u32;
                    inputs[count] = input as u32;
                    previous[count] = (step.saturating_sub(1) * shape.batch + row) as u32;
                    count += 1;
                }
            }
        }
        Self { shape, starts, rows: &rows[..count], inputs: &inputs[..count], previous: &previous[..count] }
    }

    /// P
    pub fn valid(&self) -> usize {
        self.rows.len()
    }

    /// The first valid step at or after a processing step.
    pub fn start(&self, step: usize) -> usize {
        self.starts[step] as usize
    }

    /// The valid steps of a processing step.
    pub fn step(&self, step: usize) -> Range<usize> {
        self.start(step)..self.start(step + 1)
    }

    /// The end of a group of processing steps that begins with `step`: at least one processing
    /// step, and as many as have at most `rows` valid steps together.
    pub fn group_end(&self, step: usize, rows: usize) -> usize {
        let end = self.start(step) + rows;
        let more = self.starts[step + 2..].iter().take_while(|&&start| start as usize <= end).count();
        step + 1 + more
    }

    /// The sequences of some valid steps.
    pub fn rows(&self, valid: Range<usize>) -> &'a [u32] {
        &self.rows[valid]
    }

    /// The sequences with a valid step at a processing step; `None` if these are all sequences.
    pub fn some_rows(&self, step: usize) -> Option<&'a [u32]> {
        let valid = self.step(step);
        (valid.len() < self.shape.batch).then(|| self.rows(valid))
    }

    /// The rows of `[T, B]` that have the inputs of some valid steps.
    pub fn inputs(&self, valid: Range<usize>) -> &'a [u32] {
        &self.inputs[valid]
    }

    /// The rows of `[T, B]` that have the states before some valid steps, which must be after
    /// processing step 0.
    pub fn previous(&self, valid: Range<usize>) -> &'a [u32] {
        &self.previous[valid]
    }
}
