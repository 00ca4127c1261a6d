//! The left side of a product: read where it is, or packed tile after tile.

use super::pack::{blocks, copy_whole};
use super::tile::{ROWS, tile_heights};
use super::{Matrix, ProductBefore};
use crate::lanes::{Element, Lanes};
use core::ops::Range;

/// Rows of a block: at most 252 KiB of a left side at full depth, for the second-level cache; whole
/// tiles.
pub(super) const ROW_BLOCK: usize = 21 * ROWS;

/// Rows that are packed at once, for all columns: at most 1.2 MiB of floats.
pub(super) const LEFT_BLOCK: usize = 5 * ROW_BLOCK;

/// Columns from which on it pays to pack rows that collide.
const COLUMNS_TO_PACK_ROWS: usize = 256;

/// Some rows of the left side over a block of the depth.
#[derive(Clone, Copy)]
pub(super) enum Left<'a, E> {
    /// After the same rows of a product, if there is one, from its first column on and without its
    /// bias.
    Rows(Matrix<'a, E>, Option<ProductBefore<'a, E>>),
    /// Tiles from row `first` on.
    Packed { tiles: &'a [E], first: usize },
}

/// The rows of a left side, as many at a time as may be packed.
pub(super) fn left_blocks<E: Copy>(left: Matrix<E>, columns: usize) -> impl Iterator<Item = Range<usize>> {
    blocks(left.rows(), if is_packed(left, columns) { LEFT_BLOCK } else { left.rows() })
}

/// Whether a left side is packed, given workspace: a transposed one always, rows that push each
/// other out of the first-level cache when there are columns enough.
fn is_packed<E: Copy>(left: Matrix<E>, columns: usize) -> bool {
    left.is_transposed() || left.rows_collide() && columns >= COLUMNS_TO_PACK_ROWS
}

impl<'a, E: Element> Left<'a, E> {
    /// Packs what is to be packed. Rows that are not transposed stay where they are without
    /// workspace; with it LSTM(512) trains 2 % faster.
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

/// Packs rows: tile after tile as [`tile_heights`] cuts them, each column after column.
fn pack_left<L: Lanes>(left: Matrix<L::Element>, rows: Range<usize>, depth: Range<usize>, target: &mut [L::Element]) {
    let (mut first, mut target) = (rows.start, target);
    for (height, count) in tile_heights(rows.len()) {
        if count * height == 0 {
            continue;
        }
        let (tiles, rest) = core::mem::take(&mut target).split_at_mut(height * count * depth.len());
        if left.is_transposed() {
            pack_columns::<L>(left, first, depth.clone(), height, tiles);
        } else {
            pack_rows(left, first, depth.clone(), height, tiles);
        }
        first += height * count;
        target = rest;
    }
}

/// Tiles that are packed together: of one stored row, their elements lie in few cache lines, which
/// are then read once.
const TILES_TOGETHER: usize = 8;

/// Packs tiles of one height from row `first` on, of a transposed left side, whose columns are
/// stored.
fn pack_columns<L: Lanes>(left: Matrix<L::Element>, first: usize, depth: Range<usize>, height: usize, target: &mut [L::Element]) {
    let length = height * depth.len();
    for (number, group) in target.chunks_mut(TILES_TOGETHER * length).enumerate() {
        let count = group.len() / length * height;
        for (step, k) in depth.clone().enumerate() {
            let source = left.stored(k, first + number * TILES_TOGETHER * height, count);
            for (tile, elements) in group.chunks_exact_mut(length).zip(source.chunks_exact(height)) {
                copy_whole::<L>(elements, &mut tile[step * height..], height);
            }
        }
    }
}

/// Packs tiles of one height from row `first` on, of rows that are stored.
fn pack_rows<E: Element>(left: Matrix<E>, first: usize, depth: Range<usize>, height: usize, target: &mut [E]) {
    for (number, tile) in target.chunks_exact_mut(height * depth.len()).enumerate() {
        for row in 0..height {
            let source = left.stored(first + number * height + row, depth.start, depth.len());
            for (column, &element) in tile.chunks_exact_mut(height).zip(source) {
                column[row] = element;
            }
        }
    }
}
