//! Layers other than the recurrent ones.

mod dense;
mod embedding;
mod mask;
mod move_rows;
mod one_hot;

pub use dense::{DenseBackward, DenseInput, DenseShape, dense_backward, dense_backward_workspace, dense_forward, dense_forward_workspace};
pub use embedding::{embedding_backward, embedding_forward};
pub use mask::{apply_mask, either_mask, mask_from_floats, mask_from_ids};
pub use move_rows::{Walk, move_rows};
pub use one_hot::one_hot_forward;

/// The row that an id names; panics when there is no such row.
pub(crate) fn row_of(id: i32, rows: usize) -> usize {
    match usize::try_from(id) {
        Ok(row) if row < rows => row,
        _ => panic!("id {id} is not one of {rows} rows"),
    }
}
