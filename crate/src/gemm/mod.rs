//! Matrix products, `out = start + left · right`. They allocate nothing.
//!
//! The algorithm is that of Goto and van de Geijn (Anatomy of High-Performance Matrix
//! Multiplication, 2008). The depth is divided into blocks. The right block is packed into panels
//! of [`tile::PANEL`] vectors, so that the micro-kernel reads contiguous memory. A tile of rows
//! stays in the first-level cache while it is multiplied by a group of panels, which stays in the
//! second-level cache. Deviations, for recurrent networks:
//!
//! 1. A right side of many products (a recurrent kernel, used at each step) is packed once:
//!    [`PackedMatrix`].
//! 2. Left rows are read in place: reading the rows of a tile in parallel is as fast as reading a
//!    packed tile. Only these are packed: a transposed left side (in weight gradients), and, for
//!    many columns, rows at distances of 4 KiB, which share a set of the first-level cache.
//! 3. Products of one to three rows or of one column pack nothing, because they use each element of
//!    the right side at most three times.
//! 4. A product can be added to another product in the same registers ([`ProductBefore`]): those of
//!    a step's input and state.
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

/// The term to which a product is added.
#[derive(Clone, Copy)]
pub enum Start<'a, E> {
    Zero,
    /// The present values of the output.
    Existing,
    /// `[N]`, added to every row.
    Bias(&'a [E]),
    /// `[M, N]`, not transposed.
    Rows(Matrix<'a, E>),
}

/// The product `bias + left · right`, to which [`Prepared::multiply_after`] adds another. The
/// columns that `right` does not have are the bias alone. If these begin inside a panel, 0 times
/// the left elements is added to them, which is NaN if an element is infinite.
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
    /// `Bias` if there is one, else `Zero`.
    pub fn from_bias(bias: Option<&'a [E]>) -> Self {
        bias.map_or(Self::Zero, Self::Bias)
    }
}
