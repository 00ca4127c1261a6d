//! Right sides of many products.

use super::block::Block;
use super::left::{Left, left_blocks};
use super::pack::{DEPTH_BLOCK, PACKED_ROWS, depth_blocks, pack_right, padded_columns, panel_width};
use super::{Matrix, MatrixMut, ProductBefore, Start, row};
use crate::lanes::{Element, Lanes};
use core::ops::Range;

/// A right side packed once for many products.
#[derive(Clone, Copy)]
pub struct PackedMatrix<'a, E> {
    data: &'a [E],
    depth: usize,
    columns: usize,
}

impl<'a, E: Element> PackedMatrix<'a, E> {
    /// Elements of storage for a matrix `[K, N]` = `[depth, columns]`.
    pub fn length<L: Lanes<Element = E>>(depth: usize, columns: usize) -> usize {
        depth * padded_columns::<L>(columns)
    }

    /// Packs `right` `[K, N]` into `storage` of length [`PackedMatrix::length`].
    pub fn pack<L: Lanes<Element = E>>(right: Matrix<E>, storage: &'a mut [E]) -> Self {
        let (depth, columns) = (right.rows(), right.columns());
        let padded = padded_columns::<L>(columns);
        for block in depth_blocks(depth) {
            let target = &mut storage[block.start * padded..block.end * padded];
            pack_right::<L>(right, block, 0..columns, target);
        }
        Self { data: &storage[..depth * padded], depth, columns }
    }

    /// The matrix `[depth, columns]` that [`PackedMatrix::pack`] wrote to `data`.
    pub fn of<L: Lanes<Element = E>>(data: &'a [E], depth: usize, columns: usize) -> Self {
        Self { data: &data[..Self::length::<L>(depth, columns)], depth, columns }
    }

    /// Panels `first..first + P`, those past the end empty; `None` if `first` is past the end.
    #[inline(always)]
    pub(super) fn panels<L: Lanes<Element = E>, const P: usize>(&self, first: usize) -> Option<[&'a [E]; P]> {
        let length = self.depth * panel_width::<L>();
        let panel = |start: usize| self.data.get(start..start + length);
        panel(first * length)?;
        Some(core::array::from_fn(|p| panel((first + p) * length).unwrap_or(&[])))
    }

    /// `out = start + left · self`. A transposed `left` needs workspace of
    /// [`super::workspace_length`]; another one may be packed into the workspace, if there is any.
    #[inline]
    pub fn multiply<L: Lanes<Element = E>>(&self, out: &mut MatrixMut<E>, left: Matrix<E>, start: Start<E>, workspace: &mut [E]) {
        debug_assert_eq!((self.depth, self.columns), (left.columns(), out.columns()));
        if self.depth == 0 {
            return row::fill::<L>(out, start);
        }
        for rows in left_blocks(left, self.columns) {
            for depth in depth_blocks(self.depth) {
                let start = if depth.start == 0 { start } else { Start::Existing };
                let left = Left::new::<L>(left, rows.clone(), depth.clone(), self.columns, workspace);
                self.block::<L>(depth, start).add_rows::<L>(out, left, rows.clone());
            }
        }
    }

    /// `out` = `before` + `left` · self; `left` is not transposed.
    fn multiply_after<L: Lanes<Element = E>>(&self, out: &mut MatrixMut<E>, left: Matrix<E>, before: ProductBefore<E>) {
        debug_assert_eq!((self.depth, self.columns), (left.columns(), out.columns()));
        debug_assert_eq!((before.right.depth, before.left.rows()), (before.left.columns(), out.rows()));
        debug_assert!(before.right.columns <= self.columns && before.right.depth <= DEPTH_BLOCK);
        debug_assert!(!left.is_transposed() && !before.left.is_transposed());
        for depth in depth_blocks(self.depth) {
            let (rows, start) = if depth.start == 0 {
                (Left::Rows(left, Some(before)), Start::from_bias(before.bias))
            } else {
                (Left::Rows(left, None), Start::Existing)
            };
            self.block::<L>(depth, start).add_rows::<L>(out, rows, 0..left.rows());
        }
    }

    /// One block of the depth, with all columns.
    #[inline(always)]
    fn block<'s, L: Lanes<Element = E>>(&'s self, depth: Range<usize>, start: Start<'s, E>) -> Block<'s, E> {
        let padded = padded_columns::<L>(self.columns);
        Block { panels: &self.data[depth.start * padded..depth.end * padded], depth, columns: 0..self.columns, start }
    }
}

/// A right side of several products. It is packed if it is used for enough left rows.
#[derive(Clone, Copy)]
pub enum Prepared<'a, E> {
    Direct(Matrix<'a, E>),
    Packed(PackedMatrix<'a, E>),
}

impl<'a, E: Element> Prepared<'a, E> {
    /// Elements of storage for a matrix `[depth, columns]` that is used for at most `rows` left
    /// rows.
    pub fn length<L: Lanes<Element = E>>(depth: usize, columns: usize, rows: usize) -> usize {
        if rows < PACKED_ROWS { 0 } else { PackedMatrix::length::<L>(depth, columns) }
    }

    /// `rows`: the number of left rows of all products together.
    pub fn new<L: Lanes<Element = E>>(right: Matrix<'a, E>, rows: usize, storage: &'a mut [E]) -> Self {
        if rows < PACKED_ROWS { Self::Direct(right) } else { Self::Packed(PackedMatrix::pack::<L>(right, storage)) }
    }

    /// `out = start + left · self`. `left` is not transposed. It may be packed into the workspace,
    /// which may have any length.
    #[inline]
    pub fn multiply<L: Lanes<Element = E>>(&self, out: &mut MatrixMut<E>, left: Matrix<E>, start: Start<E>, workspace: &mut [E]) {
        match self {
            Self::Direct(right) => row::multiply::<L>(out, left, *right, start),
            Self::Packed(right) => right.multiply::<L>(out, left, start, workspace),
        }
    }

    /// `out` = `before` + `left` · self; `left` is not transposed.
    pub fn multiply_after<L: Lanes<Element = E>>(&self, out: &mut MatrixMut<E>, left: Matrix<E>, before: ProductBefore<E>) {
        match self {
            Self::Direct(right) => {
                row::fill::<L>(out, Start::from_bias(before.bias));
                let mut first_columns = out.first_columns(before.right.columns);
                before.right.multiply::<L>(&mut first_columns, before.left, Start::Existing, &mut []);
                row::multiply::<L>(out, left, *right, Start::Existing);
            }
            Self::Packed(right) => right.multiply_after::<L>(out, left, before),
        }
    }
}
