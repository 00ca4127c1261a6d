//! Matrix products, `out = start + left · right`, near the machine's limit and without allocation.
//!
//! The algorithm is the usual one (Goto, van de Geijn: Anatomy of High-Performance Matrix
//! Multiplication, 2008): the depth is cut into blocks; the right block is packed into panels of
//! [`tile::PANEL`] values of lanes, so that the micro-kernel reads contiguous memory; a tile of
//! rows stays in the first-level cache while it passes over a group of panels, which stays in the
//! second. Deviations, for recurrent networks:
//!
//! 1. A right side that serves many products (recurrent weights, once a time step) is packed once:
//!    [`PackedMatrix`].
//! 2. Left rows are read where they are, because a tile's rows in step are as fast as a packed
//!    tile; packed are a transposed left side (weight gradients) and rows at distances of 4 KiB,
//!    which share their places in the first-level cache, under many columns.
//! 3. One to three rows, and products with one column, skip packing: every element of the matrix is
//!    used once or little more.
//! 4. A product can start from another, summed in the same registers ([`ProductBefore`]): input and
//!    state of a step.
//!
//! Letters: M rows and N columns of the product, K depth.

mod block;
mod left;
mod matrix;
mod pack;
mod prepared;
mod product;
mod quantised;
mod row;
mod tile;

#[cfg(test)]
mod quantised_tests;
#[cfg(test)]
mod tests;

pub use matrix::{Matrix, MatrixMut};
pub use pack::{DEPTH_BLOCK, PACKED_ROWS};
pub use prepared::{PackedMatrix, Prepared};
pub use product::{multiply, workspace_length};
pub use quantised::{Packing, QuantisedMatrix, RowStore};

/// What a product is added to.
#[derive(Clone, Copy)]
pub enum Start<'a, E> {
    Zero,
    /// What the output holds.
    Existing,
    /// The same row, `[N]`, in every row.
    Bias(&'a [E]),
    /// A matrix of the output's shape, not transposed.
    Rows(Matrix<'a, E>),
}

/// A product that another is added to, see [`Prepared::multiply_after`]: `bias + left · right`, and
/// only the bias in the columns that `right` does not have. Where those begin inside a panel, 0
/// times the left elements is added to them: NaN if one is infinite.
#[derive(Clone, Copy)]
pub struct ProductBefore<'a, E> {
    /// `[M, K']`, not transposed.
    pub left: Matrix<'a, E>,
    /// `[K', N']`, N' at most N, K' at most [`DEPTH_BLOCK`].
    pub right: PackedMatrix<'a, E>,
    /// `[N]`
    pub bias: Option<&'a [E]>,
}

impl<'a, E> Start<'a, E> {
    /// `Bias` when there is one, else `Zero`.
    pub fn from_bias(bias: Option<&'a [E]>) -> Self {
        bias.map_or(Self::Zero, Self::Bias)
    }
}
