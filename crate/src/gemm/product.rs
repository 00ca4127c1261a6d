//! Blocks and tiles: which part of the product is computed when.

use super::pack::{DEPTH_BLOCK, depth_block, depth_blocks, pack_left, pack_right, padded_columns, panel_width};
use super::tile::{self, PANEL, ROWS, Tile};
use super::{Matrix, MatrixMut, Start, row};
use crate::lanes::{Element, Lanes};
use core::ops::Range;

/// Rows of a block: 128 KiB of a left side at full depth, for the second-level cache.
const ROW_BLOCK: usize = 128;
/// Columns of a packed right block: 512 KiB at full depth.
const COLUMN_BLOCK: usize = 512;

/// Elements of workspace for a product `[M, K] · [K, N]` of [`multiply`], and for any with less of M, K or N: the length of equal
/// blocks may grow when the depth shrinks, the longest block does not.
pub fn workspace_length<L: Lanes>(rows: usize, depth: usize, columns: usize) -> usize {
    depth.min(DEPTH_BLOCK) * (padded_columns::<L>(columns.min(COLUMN_BLOCK)) + rows.min(ROW_BLOCK))
}

/// `out = start + left · right`
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
    if rows < ROWS && !left.is_transposed() {
        return row::multiply::<L>(out, left, right, start);
    }
    if columns == 1
        && let Some((mut column, right)) = out.as_row().zip(right.as_row())
    {
        // The product's transpose is one row times a matrix. A bias of one element starts the row element by element.
        let start = match start {
            Start::Bias(bias) => {
                column.row_mut(0, 0, rows).fill(bias[0]);
                Start::Existing
            }
            other => other,
        };
        return row::multiply::<L>(&mut column, right, left.transposed(), start);
    }
    let (packed, workspace) = workspace.split_at_mut(depth_block(depth) * padded_columns::<L>(columns.min(COLUMN_BLOCK)));
    for first in (0..columns).step_by(COLUMN_BLOCK) {
        let block = first..(first + COLUMN_BLOCK).min(columns);
        for depth in depth_blocks(depth) {
            let panels = &mut packed[..depth.len() * padded_columns::<L>(block.len())];
            pack_right::<L>(right, depth.clone(), block.clone(), panels);
            let start = if depth.start == 0 { start } else { Start::Existing };
            add_block::<L>(out, left, depth, panels, block.clone(), start, workspace);
        }
    }
}

/// Columns `columns` of `out` = start + columns `depth` of `left` · the packed panels.
pub(super) fn add_block<L: Lanes>(
    out: &mut MatrixMut<L::Element>,
    left: Matrix<L::Element>,
    depth: Range<usize>,
    panels: &[L::Element],
    columns: Range<usize>,
    start: Start<L::Element>,
    workspace: &mut [L::Element],
) {
    let block = Block { depth: depth.clone(), panels, columns, start };
    let rows = out.rows();
    for first in (0..rows).step_by(ROW_BLOCK) {
        let count = ROW_BLOCK.min(rows - first);
        if left.is_transposed() {
            let packed = &mut workspace[..count * depth.len()];
            pack_left(left, first..first + count, depth.clone(), packed);
            block.add_rows::<L>(out, Left::Packed { tiles: packed, first }, first..first + count);
        } else {
            block.add_rows::<L>(out, Left::Rows(left), first..first + count);
        }
    }
}

/// The left side of a row block.
#[derive(Clone, Copy)]
enum Left<'a, E> {
    Rows(Matrix<'a, E>),
    /// Tiles from row `first` on.
    Packed {
        tiles: &'a [E],
        first: usize,
    },
}

/// One block of the depth and of the columns.
struct Block<'a, E> {
    depth: Range<usize>,
    panels: &'a [E],
    columns: Range<usize>,
    start: Start<'a, E>,
}

impl<E: Element> Block<'_, E> {
    /// Full tiles, panel by panel, then the one to three rows that are left, as many panels at once as there are accumulators.
    fn add_rows<L: Lanes<Element = E>>(&self, out: &mut MatrixMut<E>, left: Left<E>, rows: Range<usize>) {
        let full = rows.start + (rows.len() & !(ROWS - 1));
        if full > rows.start {
            for panel in 0..self.panel_count::<L>() {
                self.add_tiles::<L, ROWS, 1>(out, left, rows.start..full, panel);
            }
        }
        match rows.end - full {
            3 => self.add_few::<L, 3, 1>(out, left, full),
            2 => self.add_few::<L, 2, 2>(out, left, full),
            1 => self.add_few::<L, 1, 4>(out, left, full),
            _ => {}
        }
    }

    fn panel_count<L: Lanes<Element = E>>(&self) -> usize {
        self.columns.len().div_ceil(panel_width::<L>())
    }

    fn add_few<L: Lanes<Element = E>, const R: usize, const P: usize>(&self, out: &mut MatrixMut<E>, left: Left<E>, row: usize) {
        let count = self.panel_count::<L>();
        let together = count - count % P;
        for panel in (0..together).step_by(P) {
            self.add_tiles::<L, R, P>(out, left, row..row + R, panel);
        }
        for panel in together..count {
            self.add_tiles::<L, R, 1>(out, left, row..row + R, panel);
        }
    }

    /// Tiles of `R` rows over `P` panels from `panel`.
    ///
    /// A function of its own for each kind of tile and of left side: inside a larger one V8 keeps fewer accumulators in registers.
    fn add_tiles<L: Lanes<Element = E>, const R: usize, const P: usize>(
        &self,
        out: &mut MatrixMut<E>,
        left: Left<E>,
        rows: Range<usize>,
        panel: usize,
    ) {
        match left {
            Left::Rows(left) => self.add_direct_tiles::<L, R, P>(out, left, rows, panel),
            Left::Packed { tiles, first } => self.add_packed_tiles::<L, R, P>(out, tiles, first, rows, panel),
        }
    }

    #[inline(never)]
    fn add_direct_tiles<L: Lanes<Element = E>, const R: usize, const P: usize>(
        &self,
        out: &mut MatrixMut<E>,
        left: Matrix<E>,
        rows: Range<usize>,
        panel: usize,
    ) {
        let depth = self.depth.len();
        for row in rows.step_by(R) {
            let columns = tile::direct(core::array::from_fn(|r| left.stored(row + r, self.depth.start, depth)));
            self.add_tile::<L, R, P>(out, columns, row, panel);
        }
    }

    #[inline(never)]
    fn add_packed_tiles<L: Lanes<Element = E>, const R: usize, const P: usize>(
        &self,
        out: &mut MatrixMut<E>,
        tiles: &[E],
        first: usize,
        rows: Range<usize>,
        panel: usize,
    ) {
        let depth = self.depth.len();
        for row in rows.step_by(R) {
            let columns = tile::packed(&tiles[(row - first) * depth..][..R * depth]);
            self.add_tile::<L, R, P>(out, columns, row, panel);
        }
    }

    /// `R` rows from `row` over `P` panels from `panel`.
    #[inline(always)]
    fn add_tile<L: Lanes<Element = E>, const R: usize, const P: usize>(
        &self,
        out: &mut MatrixMut<E>,
        left: impl Iterator<Item = [E; R]>,
        row: usize,
        panel: usize,
    ) {
        let depth = self.depth.len();
        let width = panel_width::<L>();
        let panels: [&[E]; P] = core::array::from_fn(|p| &self.panels[(panel + p) * depth * width..][..depth * width]);
        let column = self.columns.start + panel * width;
        let count = (P * width).min(self.columns.end - column);
        let start: Tile<L, R, P> = match self.start {
            Start::Zero => [[[L::splat(E::ZERO); PANEL]; P]; R],
            Start::Existing => core::array::from_fn(|r| load(out.row(row + r, column, count))),
            Start::Bias(bias) => [load(&bias[column..][..count]); R],
        };
        for (r, values) in tile::multiply_add(left, panels, start).into_iter().enumerate() {
            store(values, out.row_mut(row + r, column, count));
        }
    }
}

/// One row of a tile; zeros past the end of `source`.
#[inline(always)]
fn load<L: Lanes, const P: usize>(source: &[L::Element]) -> [[L; PANEL]; P] {
    let width = panel_width::<L>();
    if source.len() == P * width {
        core::array::from_fn(|p| core::array::from_fn(|v| L::load(&source[p * width + v * L::WIDTH..])))
    } else {
        load_partial(source)
    }
}

#[inline(never)]
fn load_partial<L: Lanes, const P: usize>(source: &[L::Element]) -> [[L; PANEL]; P] {
    let mut parts = source.chunks(L::WIDTH);
    core::array::from_fn(|_| core::array::from_fn(|_| L::load_partial(parts.next().unwrap_or(&[]))))
}

/// Writes one row of a tile; what is past the end of `target` is dropped.
#[inline(always)]
fn store<L: Lanes, const P: usize>(values: [[L; PANEL]; P], target: &mut [L::Element]) {
    let width = panel_width::<L>();
    if target.len() == P * width {
        for p in 0..P {
            for v in 0..PANEL {
                values[p][v].store(&mut target[p * width + v * L::WIDTH..]);
            }
        }
    } else {
        store_partial(values, target);
    }
}

#[inline(never)]
fn store_partial<L: Lanes, const P: usize>(values: [[L; PANEL]; P], target: &mut [L::Element]) {
    for (value, target) in values.iter().flatten().zip(target.chunks_mut(L::WIDTH)) {
        value.store_partial(target);
    }
}
