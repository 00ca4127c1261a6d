//! Where the driver reads and writes a state in each processing step.

/// A state `[B, H]` in all processing steps. Either all of its values are kept, or only the last.
pub struct StateSteps<'a, E> {
    /// `[T, B, H]`: the states after all steps, or `[B, H]`: after the last.
    kept: &'a mut [E],
    /// `[B, H]`: alternates with `kept` if only the last value is kept. Otherwise unused, of any
    /// length.
    spare: &'a mut [E],
    steps: usize,
    /// B*H
    size: usize,
}

impl<'a, E> StateSteps<'a, E> {
    /// Keeps all values in `kept` `[T, B, H]`, or the last in `kept` `[B, H]`. The latter needs
    /// `spare` `[B, H]`.
    pub fn new(kept: &'a mut [E], spare: &'a mut [E], steps: usize, size: usize) -> Self {
        Self { kept, spare, steps, size }
    }

    /// The state before a processing step, which is `None` for the first one, and the buffer for
    /// the state after it. Both are `[B, H]`.
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
