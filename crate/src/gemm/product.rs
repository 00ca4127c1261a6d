//! Products of two matrices, block by block.

use super::block::Block;
use super::left::{LEFT_BLOCK, Left, left_blocks};
use super::pack::{DEPTH_BLOCK, PACKED_ROWS, blocks, depth_block, depth_blocks, pack_right, padded_columns};
use super::{Matrix, MatrixMut, Start, row};
use crate::lanes::Lanes;

/// Columns of a packed right block: 1 MiB at full depth.
const COLUMN_BLOCK: usize = 512;

/// Elements of workspace for a product `[M, K] · [K, N]` of [`multiply`]. It also suffices for
/// every product with a smaller M, K or N: a smaller depth may give longer blocks, but this is
/// computed with the longest block.
pub fn workspace_length<L: Lanes>(rows: usize, depth: usize, columns: usize) -> usize {
    depth.min(DEPTH_BLOCK) * (padded_columns::<L>(columns.min(COLUMN_BLOCK)) + rows.min(LEFT_BLOCK))
}

/// `out` `[M, N]` = `start` + `left` `[M, K]` · `right` `[K, N]`, with workspace of
/// [`workspace_length`].
pub fn multiply<L: Lanes>(
    out: &mut MatrixMut<L::Element>,
    left: Matrix<L::Element>,
    right: Matrix<L::Element>,
    start: Start<L::Element>,
    workspace: &mut [L::Element],
) {
    let (rows, depth, columns) = (out.rows(), left.columns(), out.columns());
    debug_assert_eq!((left.rows(), right.rows(), right.columns()), (rows, depth, columns));
    if depth == 0 {
        return row::fill::<L>(out, start);
    }
    if rows < PACKED_ROWS && !left.is_transposed() {
        return row::multiply::<L>(out, left, right, start);
    }
    if columns == 1 && out.as_row().is_some() && right.as_row().is_some() {
        // The transpose of this product is one row times a matrix.
        row::fill::<L>(out, start);
        if let Some((mut column, right)) = out.as_row().zip(right.as_row()) {
            row::multiply::<L>(&mut column, right, left.transposed(), Start::Existing);
        }
        return;
    }
    let (packed, workspace) = workspace.split_at_mut(depth_block(depth) * padded_columns::<L>(columns.min(COLUMN_BLOCK)));
    for rows in left_blocks(left, columns) {
        for depth in depth_blocks(depth) {
            let start = if depth.start == 0 { start } else { Start::Existing };
            // Once for all columns, because the left side takes longer to pack than the right side.
            let left = Left::new::<L>(left, rows.clone(), depth.clone(), columns, workspace);
            for columns in blocks(columns, COLUMN_BLOCK) {
                let panels = &mut packed[..depth.len() * padded_columns::<L>(columns.len())];
                pack_right::<L>(right, depth.clone(), columns.clone(), panels);
                Block { depth: depth.clone(), panels, columns, start }.add_rows::<L>(out, left, rows.clone());
            }
        }
    }
}
