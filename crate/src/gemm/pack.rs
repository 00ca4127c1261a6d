//! Packing of the right side: copied into the order in which the micro-kernel reads it.

use super::Matrix;
use super::tile::PANEL;
use crate::lanes::{Element, Lanes};
use core::ops::Range;

/// Longest block of the depth: a panel of it (16 KiB) and a tile's rows (at most 12 KiB) just fit
/// into the first-level cache. At half of it the rows of the product are read and written twice as
/// often, which costs more than it saves.
pub const DEPTH_BLOCK: usize = 512;

/// Rows that must pass over a right side for packing to pay.
pub const PACKED_ROWS: usize = 4;

/// Length of the blocks into which `depth` is cut: as equal as possible.
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

/// `columns`, padded to whole panels.
pub(super) fn padded_columns<L: Lanes>(columns: usize) -> usize {
    columns.next_multiple_of(panel_width::<L>())
}

/// Packs a block of the right side: panel after panel, each row after row. Missing columns of the
/// last panel become zeros.
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

/// A copy of few elements. `copy_from_slice` becomes an instruction that engines carry out by a
/// call, about 25 ns.
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

/// A copy of `count` elements, known when compiled: whole values of lanes, of which the last
/// overlaps the one before.
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
