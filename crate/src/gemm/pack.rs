//! Packing: operands copied into the order in which the micro-kernel reads them.

use super::tile::{self, PANEL, TileTask, tile_heights};
use super::{Matrix, MatrixMut, Start, product, row};
use crate::lanes::{Element, Lanes};
use core::ops::Range;

/// Longest block of the depth: a panel of it (16 KiB) and a tile's rows (at most 12 KiB) just fit into the first-level cache. At half of it
/// the rows of the product are read and written twice as often, which costs more than it saves.
pub(super) const DEPTH_BLOCK: usize = 512;

/// Rows that must pass over a right side for packing to pay.
pub(super) const PACKED_ROWS: usize = 4;

/// Length of the blocks into which `depth` is cut: as equal as possible.
pub(super) fn depth_block(depth: usize) -> usize {
    depth.div_ceil(depth.div_ceil(DEPTH_BLOCK).max(1))
}

/// The blocks of the depth, in order.
pub(super) fn depth_blocks(depth: usize) -> impl Iterator<Item = Range<usize>> {
    let block = depth_block(depth).max(1);
    (0..depth).step_by(block).map(move |first| first..(first + block).min(depth))
}

/// Elements of one row of a panel.
pub(super) const fn panel_width<L: Lanes>() -> usize {
    PANEL * L::WIDTH
}

/// `columns`, padded to whole panels.
pub(super) fn padded_columns<L: Lanes>(columns: usize) -> usize {
    columns.next_multiple_of(panel_width::<L>())
}

/// Packs a block of the right side: panel after panel, each row after row. Missing columns of the last panel become zeros.
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

/// A copy of few elements. `copy_from_slice` becomes an instruction that engines carry out by a call, about 25 ns.
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

/// A copy of `count` elements, known when compiled: whole values of lanes, of which the last overlaps the one before.
#[inline(always)]
fn copy_whole<L: Lanes>(source: &[L::Element], target: &mut [L::Element], count: usize) {
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

/// Tiles that are packed together: of one stored row, their elements lie in few cache lines, which are then read once.
const TILES_TOGETHER: usize = 8;

/// Packs a block of a transposed left side: tile after tile as [`tile_heights`] cuts it, each column after column.
pub(super) fn pack_left<L: Lanes>(left: Matrix<L::Element>, rows: Range<usize>, depth: Range<usize>, target: &mut [L::Element]) {
    debug_assert!(left.is_transposed());
    let (mut first, mut target) = (rows.start, target);
    for (height, count) in tile_heights(rows.len()) {
        let (tiles, rest) = core::mem::take(&mut target).split_at_mut(height * count * depth.len());
        tile::for_height(height, PackTiles::<L> { left, first, depth: depth.clone(), target: tiles });
        first += height * count;
        target = rest;
    }
}

/// Packs tiles of one height from row `first` on.
struct PackTiles<'a, L: Lanes> {
    left: Matrix<'a, L::Element>,
    first: usize,
    depth: Range<usize>,
    target: &'a mut [L::Element],
}

impl<L: Lanes> TileTask for PackTiles<'_, L> {
    fn run<const R: usize, const P: usize>(self) {
        let length = R * self.depth.len();
        for (number, group) in self.target.chunks_mut(TILES_TOGETHER * length).enumerate() {
            let count = group.len() / length * R;
            for (step, k) in self.depth.clone().enumerate() {
                let source = self.left.stored(k, self.first + number * TILES_TOGETHER * R, count);
                for (tile, elements) in group.chunks_exact_mut(length).zip(source.chunks_exact(R)) {
                    copy_whole::<L>(elements, &mut tile[step * R..], R);
                }
            }
        }
    }
}

/// A right side packed once for many products.
#[derive(Clone, Copy)]
pub struct PackedMatrix<'a, E> {
    data: &'a [E],
    depth: usize,
    columns: usize,
}

impl<'a, E: Element> PackedMatrix<'a, E> {
    /// Elements of storage for a matrix `[depth, columns]`.
    pub fn length<L: Lanes<Element = E>>(depth: usize, columns: usize) -> usize {
        depth * padded_columns::<L>(columns)
    }

    /// Packs `right`, `[K, N]`, into `storage` of [`PackedMatrix::length`].
    pub fn pack<L: Lanes<Element = E>>(right: Matrix<E>, storage: &'a mut [E]) -> Self {
        let (depth, columns) = (right.rows(), right.columns());
        let padded = padded_columns::<L>(columns);
        for block in depth_blocks(depth) {
            let target = &mut storage[block.start * padded..block.end * padded];
            pack_right::<L>(right, block, 0..columns, target);
        }
        Self { data: &storage[..depth * padded], depth, columns }
    }

    /// `out = start + left · self`. Only a transposed `left` needs workspace, see [`super::workspace_length`].
    #[inline]
    pub fn multiply<L: Lanes<Element = E>>(&self, out: &mut MatrixMut<E>, left: Matrix<E>, start: Start<E>, workspace: &mut [E]) {
        debug_assert_eq!((self.depth, self.columns), (left.columns(), out.columns()));
        if self.depth == 0 {
            return row::fill::<L>(out, start);
        }
        let padded = padded_columns::<L>(self.columns);
        for block in depth_blocks(self.depth) {
            let panels = &self.data[block.start * padded..block.end * padded];
            let start = if block.start == 0 { start } else { Start::Existing };
            product::add_block::<L>(out, left, block, panels, 0..self.columns, start, workspace);
        }
    }
}

/// A right side that serves several products: packed when enough rows will pass over it to pay for that.
#[derive(Clone, Copy)]
pub enum Prepared<'a, E> {
    Direct(Matrix<'a, E>),
    Packed(PackedMatrix<'a, E>),
}

impl<'a, E: Element> Prepared<'a, E> {
    /// Elements of storage for a matrix `[depth, columns]` over which at most `rows` rows will pass.
    pub fn length<L: Lanes<Element = E>>(depth: usize, columns: usize, rows: usize) -> usize {
        if rows < PACKED_ROWS { 0 } else { PackedMatrix::length::<L>(depth, columns) }
    }

    /// `rows`: how many rows all products with it have together.
    pub fn new<L: Lanes<Element = E>>(right: Matrix<'a, E>, rows: usize, storage: &'a mut [E]) -> Self {
        if rows < PACKED_ROWS { Self::Direct(right) } else { Self::Packed(PackedMatrix::pack::<L>(right, storage)) }
    }

    /// `out = start + left · self`; `left` is not transposed.
    #[inline]
    pub fn multiply<L: Lanes<Element = E>>(&self, out: &mut MatrixMut<E>, left: Matrix<E>, start: Start<E>) {
        match self {
            Self::Direct(right) => row::multiply::<L>(out, left, *right, start),
            Self::Packed(right) => right.multiply::<L>(out, left, start, &mut []),
        }
    }
}
