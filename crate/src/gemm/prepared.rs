//! Right sides that serve many products.

use super::left::{Left, left_blocks};
use super::pack::{PACKED_ROWS, depth_blocks, pack_right, padded_columns};
use super::product::Block;
use super::{Matrix, MatrixMut, Start, row};
use crate::lanes::{Element, Lanes};

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

    /// `out = start + left · self`. Only a transposed `left` needs workspace, see [`super::workspace_length`];
    /// others may be packed into it.
    #[inline]
    pub fn multiply<L: Lanes<Element = E>>(&self, out: &mut MatrixMut<E>, left: Matrix<E>, start: Start<E>, workspace: &mut [E]) {
        debug_assert_eq!((self.depth, self.columns), (left.columns(), out.columns()));
        if self.depth == 0 {
            return row::fill::<L>(out, start);
        }
        let padded = padded_columns::<L>(self.columns);
        for rows in left_blocks(left, self.columns) {
            for depth in depth_blocks(self.depth) {
                let start = if depth.start == 0 { start } else { Start::Existing };
                let panels = &self.data[depth.start * padded..depth.end * padded];
                let left = Left::new::<L>(left, rows.clone(), depth.clone(), self.columns, workspace);
                Block { depth, panels, columns: 0..self.columns, start }.add_rows::<L>(out, left, rows.clone());
            }
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

    /// `out = start + left · self`; `left` is not transposed, but may be packed into the workspace, of any length.
    #[inline]
    pub fn multiply<L: Lanes<Element = E>>(&self, out: &mut MatrixMut<E>, left: Matrix<E>, start: Start<E>, workspace: &mut [E]) {
        match self {
            Self::Direct(right) => row::multiply::<L>(out, left, *right, start),
            Self::Packed(right) => right.multiply::<L>(out, left, start, workspace),
        }
    }
}
