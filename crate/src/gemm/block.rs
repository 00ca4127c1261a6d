//! The product of one block, tile by tile.

use super::left::{Left, ROW_BLOCK};
use super::matrix::RowsMut;
use super::pack::{blocks, panel_width};
use super::tile::{self, PANEL, Tile, TileTask, tile_heights};
use super::{Matrix, MatrixMut, ProductBefore, Start};
use crate::lanes::{Element, Lanes};
use core::ops::Range;

/// Panels of a group: all tiles of a row block are multiplied by one group before the next. A group
/// has 128 KiB at full depth. The number is a multiple of the panels of any tile.
const PANEL_GROUP: usize = 8;

/// One block of the depth and of the columns.
pub(super) struct Block<'a, E> {
    pub depth: Range<usize>,
    pub panels: &'a [E],
    pub columns: Range<usize>,
    pub start: Start<'a, E>,
}

impl<E: Element> Block<'_, E> {
    /// Rows `rows` of `out` = start + `left` · the panels, one block of rows after the other;
    /// within a block, the tiles of one height after those of another.
    pub fn add_rows<L: Lanes<Element = E>>(&self, out: &mut MatrixMut<E>, left: Left<E>, rows: Range<usize>) {
        for block in blocks(rows.len(), ROW_BLOCK) {
            let mut first = rows.start + block.start;
            for (height, count) in tile_heights(block.len()) {
                let rows = first..first + height * count;
                first = rows.end;
                tile::for_height(height, AddPanels::<L> { block: self, out, left, rows });
            }
        }
    }

    /// Tiles of `R` rows, `P` panels at a time. A group of panels stays in the second-level cache
    /// until all rows are multiplied by it.
    fn add_panels<L: Lanes<Element = E>, const R: usize, const P: usize>(&self, out: &mut MatrixMut<E>, left: Left<E>, rows: Range<usize>) {
        let count = self.columns.len().div_ceil(panel_width::<L>());
        let most = if only_whole(R, P) { self.columns.len() / panel_width::<L>() } else { count };
        let together = most - most % P;
        for first in (0..together).step_by(PANEL_GROUP) {
            self.add_tiles::<L, R, P>(out, left, rows.clone(), first..(first + PANEL_GROUP).min(together));
        }
        if together < count {
            self.add_tiles::<L, R, 1>(out, left, rows, together..count);
        }
    }

    /// Tiles of `R` rows, `P` of the panels at a time. The number of panels is a multiple of `P`.
    ///
    /// One function for each kind of tile and of left side, because engines compile a function when
    /// it is first called.
    fn add_tiles<L: Lanes<Element = E>, const R: usize, const P: usize>(
        &self,
        out: &mut MatrixMut<E>,
        left: Left<E>,
        rows: Range<usize>,
        panels: Range<usize>,
    ) {
        match left {
            Left::Rows(left, before) => self.add_direct_tiles::<L, R, P>(before, out, left, rows, panels),
            Left::Packed { tiles, first } => self.add_packed_tiles::<L, R, P>(out, tiles, first, rows, panels),
        }
    }

    /// Tiles of rows that are read in place. If the product is added to another product, the same
    /// accumulators first sum that product's tile. Separate loops for the two cases made the
    /// modules 5 kB larger and not faster.
    #[inline(never)]
    fn add_direct_tiles<L: Lanes<Element = E>, const R: usize, const P: usize>(
        &self,
        before: Option<ProductBefore<E>>,
        out: &mut MatrixMut<E>,
        left: Matrix<E>,
        rows: Range<usize>,
        panels: Range<usize>,
    ) {
        for row in rows.step_by(R) {
            let left = self.left_rows(left, row);
            let left_before: [&[E]; R] =
                before.map_or([&[]; R], |before| core::array::from_fn(|r| before.left.stored(row + r, 0, before.left.columns())));
            let add_before = |panel, sums| match before.and_then(|before| before.right.panels::<L, P>(panel)) {
                Some(panels) => tile::multiply_add(tile::direct(left_before), panels, sums),
                None => sums,
            };
            self.add_row_of_tiles::<L, R, P, _>(out, row, panels.clone(), || tile::direct(left), add_before);
        }
    }

    #[inline(never)]
    fn add_packed_tiles<L: Lanes<Element = E>, const R: usize, const P: usize>(
        &self,
        out: &mut MatrixMut<E>,
        tiles: &[E],
        first: usize,
        rows: Range<usize>,
        panels: Range<usize>,
    ) {
        let depth = self.depth.len();
        for row in rows.step_by(R) {
            let tile = &tiles[(row - first) * depth..][..R * depth];
            self.add_row_of_tiles::<L, R, P, _>(out, row, panels.clone(), || tile::packed(tile), |_, sums| sums);
        }
    }

    /// `R` rows of a left side from `row` on, each the block's depth long.
    #[inline(always)]
    fn left_rows<'l, const R: usize>(&self, left: Matrix<'l, E>, row: usize) -> [&'l [E]; R] {
        core::array::from_fn(|r| left.stored(row + r, self.depth.start, self.depth.len()))
    }

    /// `R` rows from `row` on, for all panels. `left` gives the columns of the left side, and
    /// `before` adds to the accumulators what must be summed before them.
    #[inline(always)]
    fn add_row_of_tiles<L: Lanes<Element = E>, const R: usize, const P: usize, Columns: Iterator<Item = [E; R]> + Clone>(
        &self,
        out: &mut MatrixMut<E>,
        row: usize,
        panels: Range<usize>,
        left: impl Fn() -> Columns,
        before: impl Fn(usize, Tile<L, R, P>) -> Tile<L, R, P>,
    ) {
        let mut out = out.rows_mut::<R>(row);
        for panel in panels.step_by(P) {
            self.add_tile::<L, R, P>(&mut out, row, left(), panel, |sums| before(panel, sums));
        }
    }

    /// `R` rows from `first_row` on, for `P` panels from `panel` on. `before` adds to the
    /// accumulators what must be summed first.
    #[inline(always)]
    fn add_tile<L: Lanes<Element = E>, const R: usize, const P: usize>(
        &self,
        out: &mut RowsMut<E, R>,
        first_row: usize,
        left: impl Iterator<Item = [E; R]> + Clone,
        panel: usize,
        before: impl FnOnce(Tile<L, R, P>) -> Tile<L, R, P>,
    ) {
        let length = self.depth.len() * panel_width::<L>();
        let panels: [&[E]; P] = core::array::from_fn(|p| &self.panels[(panel + p) * length..][..length]);
        let column = self.columns.start + panel * panel_width::<L>();
        let count = (P * panel_width::<L>()).min(self.columns.end - column);
        let whole = only_whole(R, P) || count == P * panel_width::<L>();
        // Measured by `npm run bench -- --kinds kernels`: if accumulators always start from the
        // output, LSTM(64) takes 1.4 times as long, GRU(128) 1.25 times, LSTM(512) 1.1 times. The
        // first two have one block of the depth, so caches are not the reason.
        let add_last = self.depth.start > 0 || !whole;
        let zero = [[[L::splat(E::ZERO); PANEL]; P]; R];
        let start: Tile<L, R, P> = match self.start {
            _ if add_last => zero,
            Start::Zero => zero,
            Start::Existing => core::array::from_fn(|r| load(out.row(r, column, count))),
            Start::Bias(bias) => [load(&bias[column..][..count]); R],
            Start::Rows(rows) => core::array::from_fn(|r| load(rows.stored(first_row + r, column, count))),
        };
        let sums = tile::multiply_add(left, panels, before(start));
        if !whole {
            // A copy. Otherwise the compiler would keep the sums in memory during the loop, too.
            let sums = core::hint::black_box(sums);
            return self.finish_partial::<L, R>(out, first_row, sums.as_flattened().as_flattened(), column, count);
        }
        for (r, row) in sums.into_iter().enumerate() {
            let target = out.row(r, column, count);
            store(if add_last { add(row, load(target)) } else { row }, target);
        }
    }

    /// Writes the sums of a tile that ends past the last column. Sums beyond that column are
    /// dropped.
    #[inline(never)]
    fn finish_partial<L: Lanes<Element = E>, const R: usize>(
        &self,
        out: &mut RowsMut<E, R>,
        first_row: usize,
        sums: &[L],
        column: usize,
        count: usize,
    ) {
        for (r, sums) in sums.chunks_exact(sums.len() / R).enumerate() {
            for (number, &sum) in sums.iter().take(count.div_ceil(L::WIDTH)).enumerate() {
                let first = number * L::WIDTH;
                let (column, count) = (column + first, (count - first).min(L::WIDTH));
                let target = out.row(r, column, count);
                let start = match self.start {
                    Start::Zero => L::splat(E::ZERO),
                    Start::Existing => L::load_partial(target),
                    Start::Bias(bias) => L::load_partial(&bias[column..][..count]),
                    Start::Rows(rows) => L::load_partial(rows.stored(first_row + r, column, count)),
                };
                sum.add(start).store_partial(target);
            }
        }
    }
}

/// Whether tiles of `rows` rows and `panels` panels are used only where all these panels are whole.
/// Only the wide build has tiles of three or more rows and two panels; with this rule it sums in
/// the order of the other builds. (Accumulators stay in registers because nothing takes their
/// address.)
const fn only_whole(rows: usize, panels: usize) -> bool {
    rows > 2 && panels > 1
}

/// Adds the products of tiles of one height.
struct AddPanels<'a, 'b, 'o, L: Lanes> {
    block: &'a Block<'b, L::Element>,
    out: &'a mut MatrixMut<'o, L::Element>,
    left: Left<'a, L::Element>,
    rows: Range<usize>,
}

impl<L: Lanes> TileTask for AddPanels<'_, '_, '_, L> {
    #[inline(always)]
    fn run<const R: usize, const P: usize>(self) {
        self.block.add_panels::<L, R, P>(self.out, self.left, self.rows);
    }
}

/// One row of a tile.
#[inline(always)]
fn load<L: Lanes, const P: usize>(source: &[L::Element]) -> [[L; PANEL]; P] {
    let source = &source[..P * panel_width::<L>()];
    core::array::from_fn(|p| core::array::from_fn(|v| L::load(&source[(p * PANEL + v) * L::WIDTH..])))
}

#[inline(always)]
fn add<L: Lanes, const P: usize>(left: [[L; PANEL]; P], right: [[L; PANEL]; P]) -> [[L; PANEL]; P] {
    core::array::from_fn(|p| core::array::from_fn(|v| left[p][v].add(right[p][v])))
}

/// Writes one row of a tile.
#[inline(always)]
fn store<L: Lanes, const P: usize>(values: [[L; PANEL]; P], target: &mut [L::Element]) {
    let target = &mut target[..P * panel_width::<L>()];
    for (value, target) in values.as_flattened().iter().zip(target.chunks_exact_mut(L::WIDTH)) {
        value.store(target);
    }
}
