//! A state from step to step.

/// A state `[B, H]` through the processing steps: all are kept, or only the last.
pub struct StateSteps<'a, E> {
    /// `[T, B, H]`, or `[B, H]`.
    kept: &'a mut [E],
    /// `[B, H]`: takes turns with `kept` where that is only the last; any length otherwise.
    spare: &'a mut [E],
    steps: usize,
    /// B*H
    size: usize,
}

impl<'a, E> StateSteps<'a, E> {
    /// Keeps all steps in `kept` `[T, B, H]`, or the last in `kept` `[B, H]`, which needs `spare`
    /// `[B, H]`.
    pub fn new(kept: &'a mut [E], spare: &'a mut [E], steps: usize, size: usize) -> Self {
        Self { kept, spare, steps, size }
    }

    /// The state before a processing step, none before the first, and where that after it belongs.
    pub fn at(&mut self, step: usize) -> (Option<&[E]>, &mut [E]) {
        let Self { kept, spare, steps, size } = self;
        if kept.len() > *size {
            let (past, rest) = kept.split_at_mut(step * *size);
            let before = past.len().checked_sub(*size).map(|start| &past[start..]);
            return (before, &mut rest[..*size]);
        }
        let (before, after) = if (*steps - step) % 2 == 1 { (spare, kept) } else { (kept, spare) };
        ((step > 0).then_some(before), after)
    }
}
