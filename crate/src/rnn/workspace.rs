//! Workspaces of the sequence kernels, and how they are divided into parts.

/// Lengths of the two workspaces of a sequence kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkspaceLengths {
    pub floats: usize,
    pub integers: usize,
}

/// Removes the first `count` elements from `storage` and returns them.
pub(super) fn take<'a, T>(storage: &mut &'a mut [T], count: usize) -> &'a mut [T] {
    let (first, rest) = core::mem::take(storage).split_at_mut(count);
    *storage = rest;
    first
}
