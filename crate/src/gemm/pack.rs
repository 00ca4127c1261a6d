//! Packing of the right side: it is copied in the order in which the micro-kernel reads it.

use super::Matrix;
use super::tile::PANEL;
use crate::lanes::{Element, Lanes};
use core::ops::Range;

/// Longest block of the depth. A panel of it (16 KiB) and the rows of a tile (at most 12 KiB) fit
/// together into a first-level cache of 32 KiB. With half of it, the rows of the product would be
/// read and written twice as often, which takes longer.
pub const DEPTH_BLOCK: usize = 512;

/// The smallest number of left rows for which packing the right side is faster.
pub const PACKED_ROWS: usize = 4;

/// Length of the blocks into which `depth` is divided, which are as equal as possible.
pub(super) fn depth_block(depth: usize) -> usize {
    depth.div_ceil(depth.div_ceil(DEPTH_BLOCK).max(1))
}

/// The blocks of the depth, in order.
pub(super) fn depth_blocks(depth: usize) -> impl Iterator<Item = Range<usize>> {
    blocks(depth, depth_block(depth))
}

/// `0..length` in blocks.
pub(super) fn blocks(length: usize, block: usize) -> impl Iterator<Item = Range<usize>> {
    (0..length).step_by(block.max(1)).map(move |first| first..(first + block).min(length))
}

/// Elements of one row of a panel.
pub(super) const fn panel_width<L: Lanes>() -> usize {
    PANEL * L::WIDTH
}

/// `columns`, rounded up to whole panels.
pub(super) fn padded_columns<L: Lanes>(columns: usize) -> usize {
    columns.next_multiple_of(panel_width::<L>())
}

/// Packs a block of the right side: one panel after the other, each row by row. Columns past the
/// end are zeros in the last panel.
pub(super) fn pack_right<L: Lanes>(right: Matrix<L::Element>, depth: Range<usize>, columns: Range<usize>, target: &mut [L::Element]) {
    let width = panel_width::<L>();
    for (number, panel) in target.chunks_exact_mut(depth.len() * width).enumerate() {
        let first = columns.start + number * width;
        let count = width.min(columns.end - first);
        if count < width {
            panel.fill(L::Element::ZERO);
        }
        if right.is_transposed() {
            for column in 0..count {
                let source = right.stored(first + column, depth.start, depth.len());
                for (row, &element) in panel.chunks_exact_mut(width).zip(source) {
                    row[column] = element;
                }
            }
        } else {
            for (row, k) in panel.chunks_exact_mut(width).zip(depth.clone()) {
                copy::<L>(right.stored(k, first, count), &mut row[..count]);
            }
        }
    }
}

/// Copies few elements. `copy_from_slice` would compile to `memory.copy`, which engines implement
/// by a call of about 25 ns.
#[inline(always)]
fn copy<L: Lanes>(source: &[L::Element], target: &mut [L::Element]) {
    if target.len() == panel_width::<L>() {
        copy_whole::<L>(source, target, panel_width::<L>());
    } else {
        for (target, &element) in target.iter_mut().zip(source) {
            *target = element;
        }
    }
}

/// Copies `count` elements, a number known at compile time: whole vectors, of which the last may
/// overlap the one before.
#[inline(always)]
pub(super) fn copy_whole<L: Lanes>(source: &[L::Element], target: &mut [L::Element], count: usize) {
    let (source, target) = (&source[..count], &mut target[..count]);
    if count < L::WIDTH {
        for (target, &element) in target.iter_mut().zip(source) {
            *target = element;
        }
        return;
    }
    for value in 0..count.div_ceil(L::WIDTH) {
        let first = (value * L::WIDTH).min(count - L::WIDTH);
        L::load(&source[first..]).store(&mut target[first..]);
    }
}
