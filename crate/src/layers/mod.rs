//! Layers other than the recurrent ones.

mod batched_product;
mod convolution;
mod dense;
mod embedding;
mod mask;
mod move_rows;
mod normalize_rows;
mod one_hot;
mod pool;
mod reduce_rows;
mod window;

pub use batched_product::{Places, ProductShape, batched_product, batched_product_workspace};
pub use convolution::{
    Convolution, ConvolutionBackward, convolution_backward, convolution_backward_workspace, convolution_forward,
    convolution_forward_workspace,
};
pub use dense::{
    DenseBackward, DenseInput, DenseShape, dense_backward, dense_backward_workspace, dense_forward, dense_forward_workspace,
    quantised_dense, quantised_dense_workspace,
};
pub use embedding::{embedding_backward, embedding_forward};
pub use mask::{apply_mask, either_mask, mask_from_floats, mask_from_ids};
pub use move_rows::{Walk, move_rows};
pub use normalize_rows::{normalize_rows, normalize_rows_backward};
pub use one_hot::one_hot_forward;
pub use pool::{Pooling, pool_backward, pool_forward};
pub use reduce_rows::reduce_rows;
pub use window::Windows;

/// The row that an id names. Panics if there is no such row.
pub(crate) fn row_of(id: i32, rows: usize) -> usize {
    match usize::try_from(id) {
        Ok(row) if row < rows => row,
        _ => panic!("id {id} is not one of {rows} rows"),
    }
}
