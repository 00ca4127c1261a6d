//! Which sequences are alive at which step.

use super::Shape;
use core::ops::Range;

/// The P valid steps of all sequences in processing order, sequences ascending within a step. Valid
/// step p has the p-th saved row, counted from the first that is in memory.
#[derive(Clone, Copy)]
pub struct Schedule<'a> {
    shape: Shape,
    /// `[T + 1]`: the first valid step of each processing step, then P.
    starts: &'a [u32],
    /// `[P]`: the sequence.
    rows: &'a [u32],
    /// `[P]`: the row of `[T, B]` where the input is.
    inputs: &'a [u32],
    /// `[P]`: the row of `[T, B]` where the states before are; meaningless at processing step 0.
    previous: &'a [u32],
}

impl<'a> Schedule<'a> {
    /// Integers of storage.
    pub fn length(shape: Shape) -> usize {
        shape.steps + 1 + 3 * shape.positions()
    }

    /// Reads `mask`, `[T, B]`, into `storage` of [`Schedule::length`].
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

    /// First valid step at or after a processing step.
    pub fn start(&self, step: usize) -> usize {
        self.starts[step] as usize
    }

    /// The valid steps of a processing step.
    pub fn step(&self, step: usize) -> Range<usize> {
        self.start(step)..self.start(step + 1)
    }

    /// The end of as many processing steps from `step` on as have `rows` valid steps together; at
    /// least one.
    pub fn group_end(&self, step: usize, rows: usize) -> usize {
        let end = self.start(step) + rows;
        let more = self.starts[step + 2..].iter().take_while(|&&start| start as usize <= end).count();
        step + 1 + more
    }

    /// The sequences of some valid steps.
    pub fn rows(&self, valid: Range<usize>) -> &'a [u32] {
        &self.rows[valid]
    }

    /// The sequences alive at a processing step, unless all are.
    pub fn some_rows(&self, step: usize) -> Option<&'a [u32]> {
        let valid = self.step(step);
        (valid.len() < self.shape.batch).then(|| self.rows(valid))
    }

    /// Rows of `[T, B]` where the inputs of some valid steps are.
    pub fn inputs(&self, valid: Range<usize>) -> &'a [u32] {
        &self.inputs[valid]
    }

    /// Rows of `[T, B]` where the states before some valid steps are, none of them of processing
    /// step 0.
    pub fn previous(&self, valid: Range<usize>) -> &'a [u32] {
        &self.previous[valid]
    }
}
