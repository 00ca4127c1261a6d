//! The left side of a product: read in place, or packed tile by tile.

use super::pack::{blocks, copy_whole};
use super::tile::{self, ROWS, TileTask, tile_heights};
use super::{Matrix, ProductBefore};
use crate::lanes::{Element, Lanes};
use core::ops::Range;

/// Rows of a block: at most 252 KiB of a left side at full depth, so that a block fits into the
/// second-level cache. A multiple of a tile's rows.
pub(super) const ROW_BLOCK: usize = 21 * ROWS;

/// Rows that are packed together and used for all columns: at most 1.2 MiB of floats.
pub(super) const LEFT_BLOCK: usize = 5 * ROW_BLOCK;

/// The smallest number of columns for which packing rows that collide in the cache is faster.
const COLUMNS_TO_PACK_ROWS: usize = 256;

/// Some rows of the left side, in one block of the depth.
#[derive(Clone, Copy)]
pub(super) enum Left<'a, E> {
    /// Rows that are read in place, and a product, if any, whose same rows are summed first, from
    /// its first column on and without its bias.
    Rows(Matrix<'a, E>, Option<ProductBefore<'a, E>>),
    /// Packed tiles from row `first` on.
    Packed { tiles: &'a [E], first: usize },
}

/// The rows of a left side, in the ranges that are packed together.
pub(super) fn left_blocks<E: Copy>(left: Matrix<E>, columns: usize) -> impl Iterator<Item = Range<usize>> {
    blocks(left.rows(), if is_packed(left, columns) { LEFT_BLOCK } else { left.rows() })
}

/// Whether a left side is packed if there is workspace. A transposed one always is. Rows that evict
/// each other from the first-level cache are, if there are enough columns.
fn is_packed<E: Copy>(left: Matrix<E>, columns: usize) -> bool {
    left.is_transposed() || left.rows_collide() && columns >= COLUMNS_TO_PACK_ROWS
}

impl<'a, E: Element> Left<'a, E> {
    /// Packs the rows if [`is_packed`] says so. A left side that is not transposed is read in place
    /// when there is no workspace; with workspace LSTM(512) trains 2 % faster.
    pub fn new<L: Lanes<Element = E>>(
        left: Matrix<'a, E>,
        rows: Range<usize>,
        depth: Range<usize>,
        columns: usize,
        workspace: &'a mut [E],
    ) -> Self {
        let length = rows.len() * depth.len();
        if !is_packed(left, columns) || !left.is_transposed() && workspace.len() < length {
            return Self::Rows(left, None);
        }
        let tiles = &mut workspace[..length];
        for block in blocks(rows.len(), ROW_BLOCK) {
            let target = &mut tiles[block.start * depth.len()..block.end * depth.len()];
            pack_left::<L>(left, rows.start + block.start..rows.start + block.end, depth.clone(), target);
        }
        Self::Packed { tiles, first: rows.start }
    }
}

/// Packs rows: the tiles of [`tile_heights`] one after the other, each column by column.
fn pack_left<L: Lanes>(left: Matrix<L::Element>, rows: Range<usize>, depth: Range<usize>, target: &mut [L::Element]) {
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
        if R < ROWS {
            self.pack_low_tiles(R);
        } else if self.left.is_transposed() {
            self.pack_columns::<R>();
        } else {
            self.pack_rows::<R>();
        }
    }
}

/// Tiles that are packed together. Their elements of one stored row are in few cache lines, each of
/// which is then read once.
const TILES_TOGETHER: usize = 8;

impl<L: Lanes> PackTiles<'_, L> {
    /// Tiles of any height, element by element. Only the last two tiles of a block are lower than
    /// the others, and code for each height made the modules 3 kB larger.
    #[inline(never)]
    fn pack_low_tiles(self, height: usize) {
        let depth = self.depth.len();
        for (number, tile) in self.target.chunks_exact_mut(height * depth).enumerate() {
            let first = self.first + number * height;
            if self.left.is_transposed() {
                for (column, k) in tile.chunks_exact_mut(height).zip(self.depth.clone()) {
                    for (target, &element) in column.iter_mut().zip(self.left.stored(k, first, height)) {
                        *target = element;
                    }
                }
                continue;
            }
            for row in 0..height {
                let source = self.left.stored(first + row, self.depth.start, depth);
                for (column, &element) in tile.chunks_exact_mut(height).zip(source) {
                    column[row] = element;
                }
            }
        }
    }

    /// Full tiles of a transposed left side, whose columns are contiguous.
    fn pack_columns<const R: usize>(self) {
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

    fn pack_rows<const R: usize>(self) {
        let depth = self.depth.len();
        for (number, tile) in self.target.chunks_exact_mut(R * depth).enumerate() {
            let rows = core::array::from_fn(|r| self.left.stored(self.first + number * R + r, self.depth.start, depth));
            for (column, target) in tile::direct::<_, R>(rows).zip(tile.chunks_exact_mut(R)) {
                target.copy_from_slice(&column);
            }
        }
    }
}
