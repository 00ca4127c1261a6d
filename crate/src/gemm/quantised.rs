//! Products with a right side of small integers: `out = start + left · right`. The left side is
//! quantised too, row by row.
//!
//! Column j of the right side is `scales[j]` times integers: -2047 to 2047 in an int16 model, -127
//! to 127 in an int8 model. A row of the left side is quantised to -1023 to 1023 or to -63 to 63,
//! so that the sums fit into 32 bits. The largest of these integers represents the largest
//! magnitude of the row. Integer sums are exact, and floats are rounded in one order, so all builds
//! give the same bits: for each [`DEPTH`] elements of the depth in turn,
//! `sum * scale of the row * scale of the column` is added to the start.
//!
//! The right side is packed when a model is quantised or loaded (`ts/program/packedWeights.ts`).
//! Its gates, each `[K, H]`, follow one another. A gate is divided into blocks of the depth, a
//! block into panels of [`PANEL`] vectors, and a panel into groups of as many rows as a word holds
//! elements.

use super::pack::blocks;
use super::{Matrix, MatrixMut, Start, row};
use crate::descriptors::packing_code;
use crate::lanes::{Element, HAS_QUADS, IntegerLanes, Lanes};
use core::ops::Range;

/// Elements of the depth whose products fit into one sum of 32 bits: 1024 * 2047 * 1023 < 2^31.
pub const DEPTH: usize = 1024;

/// Vectors side by side in a panel. The panels of floats may have another number.
pub const PANEL: usize = 2;

/// Columns of a panel.
const fn panel_width<L: Lanes>() -> usize {
    PANEL * L::WIDTH
}

/// Rows that are quantised together: at most 256 KiB, if the depth is one block.
const ROWS_TOGETHER: usize = 128;

/// Panels of a group: all tiles of rows are multiplied by one group before the next, so that each
/// row is written in contiguous parts. A group has at most 256 KiB.
const PANEL_GROUP: usize = 8;

/// Rows of a tile: eight accumulators, two vectors of the right side and one of the left are in
/// registers.
const TILE_ROWS: usize = 4;

/// A row whose largest magnitude is smaller is quantised to zeros, because `levels` divided by it
/// could overflow.
const LEAST: f64 = 1e-30;

/// How integers are stored in words of 32 bits, and the range of the left side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packing {
    /// Integers in a word: two int16 or four int8.
    pub elements: usize,
    /// The largest integer of the left side.
    pub levels: i32,
}

impl Packing {
    /// From a code of [`crate::descriptors::PACKINGS`]. Panics if there is no such code.
    pub fn from_code(code: u32) -> Self {
        const INT16: u32 = packing_code("int16");
        const INT8: u32 = packing_code("int8");
        const INT8_IN_PAIRS: u32 = packing_code("int8InPairs");
        match code {
            INT16 => Self { elements: 2, levels: 1023 },
            INT8 if HAS_QUADS => Self { elements: 4, levels: 63 },
            INT8_IN_PAIRS => Self { elements: 2, levels: 63 },
            _ => panic!("there is no packing of integers with code {code}"),
        }
    }

    /// Words of a row of the left side, padded to whole vectors of four words.
    fn row_words(self, depth: usize) -> usize {
        depth.div_ceil(4 * self.elements) * 4
    }

    /// Words before the panels of a block: for each column, the sum that corrects the offset of the
    /// left side.
    fn header(self, padded: usize) -> usize {
        if self.elements == 4 { padded } else { 0 }
    }

    /// Words of a block with `depth` rows.
    fn block_words(self, padded: usize, depth: usize) -> usize {
        self.header(padded) + padded * depth.div_ceil(self.elements)
    }
}

/// Workspace of products: the quantised rows of the left side, and their scales.
pub struct RowStore<'a, E> {
    scales: &'a mut [E],
    words: &'a mut [u32],
}

impl<'a, E> RowStore<'a, E> {
    /// Lengths of the storage, floats and words, for products with at most `rows` rows and this
    /// depth.
    pub fn lengths(rows: usize, depth: usize) -> (usize, usize) {
        let rows = rows.min(ROWS_TOGETHER);
        // Pairs need more words than fours.
        (rows, rows * Packing { elements: 2, levels: 0 }.row_words(depth))
    }

    /// Uses storage of the lengths of [`RowStore::lengths`].
    pub fn new(scales: &'a mut [E], words: &'a mut [u32]) -> Self {
        Self { scales, words }
    }

    /// The same storage with a shorter lifetime.
    pub fn reborrow(&mut self) -> RowStore<'_, E> {
        RowStore { scales: self.scales, words: self.words }
    }
}

/// Integers `[K, G*H]` with a scale for each column.
#[derive(Clone, Copy)]
pub struct QuantisedMatrix<'a, E> {
    pub packing: Packing,
    /// K
    pub depth: usize,
    /// H: columns of a gate.
    pub units: usize,
    /// Of length [`QuantisedMatrix::words`].
    pub words: &'a [i32],
    /// `[G*H]`
    pub scales: &'a [E],
}

impl<E: Element> QuantisedMatrix<'_, E> {
    /// Number of words of `gates` gates `[K, H]` = `[depth, units]`.
    pub fn words<L: Lanes>(packing: Packing, depth: usize, gates: usize, units: usize) -> usize {
        let padded = units.next_multiple_of(panel_width::<L>());
        gates * blocks(depth, DEPTH).map(|block| packing.block_words(padded, block.len())).sum::<usize>()
    }

    /// `out` `[M, N]` = start + `left` `[M, K]` · the given gates, which have N columns together.
    /// `left` is not transposed.
    #[inline(never)]
    pub fn multiply<L: IntegerLanes<Element = E>>(
        &self,
        out: &mut MatrixMut<E>,
        left: Matrix<E>,
        gates: Range<usize>,
        start: Start<E>,
        store: RowStore<E>,
    ) {
        debug_assert_eq!((left.rows(), left.columns()), (out.rows(), self.depth));
        debug_assert_eq!(out.columns(), gates.len() * self.units);
        row::fill::<L>(out, start);
        let (padded, row_words) = (self.units.next_multiple_of(panel_width::<L>()), self.packing.row_words(self.depth));
        let of_gate = Self::words::<L>(self.packing, self.depth, 1, self.units);
        for rows in blocks(left.rows(), ROWS_TOGETHER) {
            for (number, row) in rows.clone().enumerate() {
                let words = &mut store.words[number * row_words..][..row_words];
                store.scales[number] = quantise::<L>(self.packing, left.stored(row, 0, self.depth), words);
            }
            for (number, gate) in gates.clone().enumerate() {
                for depth in blocks(self.depth, DEPTH) {
                    let words = &self.words[gate * of_gate + depth.start / DEPTH * self.packing.block_words(padded, DEPTH)..];
                    let block = Block {
                        packing: self.packing,
                        words: &words[..self.packing.block_words(padded, depth.len())],
                        scales: &self.scales[gate * self.units..][..self.units],
                        padded,
                        rows: &store.words[depth.start / self.packing.elements..],
                        row_words,
                        row_scales: &store.scales[..rows.len()],
                        first_row: rows.start,
                        first_column: number * self.units,
                    };
                    if HAS_QUADS && self.packing.elements == 4 { block.add::<L, true>(out) } else { block.add::<L, false>(out) }
                }
            }
        }
    }

    /// Writes row `row` of the matrix, as floats, to `target` `[G*H]`.
    #[inline(never)]
    pub fn read_row<L: Lanes>(&self, row: usize, target: &mut [E]) {
        let (elements, width) = (self.packing.elements, panel_width::<L>());
        let padded = self.units.next_multiple_of(width);
        let of_gate = Self::words::<L>(self.packing, self.depth, 1, self.units);
        let (block, within) = (row / DEPTH, row % DEPTH);
        let groups = DEPTH.min(self.depth - block * DEPTH).div_ceil(elements);
        let first = block * self.packing.block_words(padded, DEPTH) + self.packing.header(padded) + within / elements * width;
        // A left shift moves the element to the highest bits, which hold the sign.
        let bits = 32 / elements as u32;
        let shift = 32 - bits - bits * (within % elements) as u32;
        let gates = target.chunks_exact_mut(self.units).zip(self.scales.chunks_exact(self.units));
        for ((target, scales), words) in gates.zip(self.words.chunks_exact(of_gate)) {
            let panels = words[first..].chunks(groups * width);
            for ((target, scales), words) in target.chunks_mut(width).zip(scales.chunks(width)).zip(panels) {
                for ((target, &scale), &word) in target.iter_mut().zip(scales).zip(words) {
                    *target = E::from_f64(f64::from((word << shift) >> (32 - bits))) * scale;
                }
            }
        }
    }
}

/// Quantises a row into words. Returns the scale: what the integer 1 represents.
#[inline(never)]
fn quantise<L: IntegerLanes>(packing: Packing, row: &[L::Element], words: &mut [u32]) -> L::Element {
    let most = L::largest_magnitude(row);
    let levels = L::Element::from_f64(f64::from(packing.levels));
    let is_finite = most <= L::Element::from_f64(f64::from(f32::MAX));
    let is_usual = is_finite && most >= L::Element::from_f64(LEAST);
    // 0 for rows of zeros, and for rows with an element that is not finite, whose scale makes all
    // products NaN.
    let factor = L::splat(if is_usual { levels / most } else { L::Element::ZERO });
    let step = packing.elements * L::WIDTH;
    let (whole, rest) = row.split_at(row.len() - row.len() % step);
    let (target, last) = words.split_at_mut(whole.len() / packing.elements);
    pack::<L>(packing, factor, whole, target);
    // Elements past the end are zeros, so their products are zeros.
    let mut padded = [L::Element::ZERO; 16];
    for (padded, &element) in padded.iter_mut().zip(rest) {
        *padded = element;
    }
    pack::<L>(packing, factor, &padded[..step], last);
    if is_finite { most / levels } else { most * L::Element::ZERO }
}

/// Multiplies floats by `factor`, rounds them to integers and packs these into `words`, until it is
/// full.
#[inline(never)]
fn pack<L: IntegerLanes>(packing: Packing, factor: L, floats: &[L::Element], words: &mut [u32]) {
    let quads = HAS_QUADS && packing.elements == 4;
    for (floats, target) in floats.chunks(packing.elements * L::WIDTH).zip(words.chunks_exact_mut(L::WIDTH)) {
        let load = |place: usize| L::load(&floats[place * L::WIDTH..]).mul(factor);
        let words = if quads { L::pack_quads(core::array::from_fn(load)) } else { L::pack_pairs(core::array::from_fn(load)) };
        L::store_words(words, target);
    }
}

/// One block of the depth of one gate, and the rows of the left side that are multiplied by it.
struct Block<'a, E> {
    packing: Packing,
    words: &'a [i32],
    /// `[H]`
    scales: &'a [E],
    padded: usize,
    /// The words of the left side, from the block's first element of the first row on.
    rows: &'a [u32],
    /// Words from row to row.
    row_words: usize,
    row_scales: &'a [E],
    first_row: usize,
    first_column: usize,
}

impl<E: Element> Block<'_, E> {
    /// A group of panels stays in the second-level cache until all rows are multiplied by it.
    #[inline(never)]
    fn add<L: IntegerLanes<Element = E>, const QUADS: bool>(&self, out: &mut MatrixMut<E>) {
        let panels = self.padded / panel_width::<L>();
        let count = self.row_scales.len();
        let whole = count - count % TILE_ROWS;
        for group in blocks(panels, PANEL_GROUP) {
            for row in (0..whole).step_by(TILE_ROWS) {
                self.add_tiles::<L, QUADS, TILE_ROWS>(out, row, group.clone());
            }
            for row in whole..count {
                self.add_tiles::<L, QUADS, 1>(out, row, group.clone());
            }
        }
    }

    /// `R` rows times a group of panels.
    #[inline(always)]
    fn add_tiles<L: IntegerLanes<Element = E>, const QUADS: bool, const R: usize>(
        &self,
        out: &mut MatrixMut<E>,
        row: usize,
        group: Range<usize>,
    ) {
        let width = panel_width::<L>();
        let (header, panels) = self.words.split_at(self.packing.header(self.padded));
        let groups = panels.len() / self.padded;
        let rows: [&[u32]; R] = core::array::from_fn(|r| &self.rows[(row + r) * self.row_words..][..groups]);
        let of_rows: [L; R] = core::array::from_fn(|r| L::splat(self.row_scales[row + r]));
        let row = self.first_row + row;
        let mut out = out.rows_mut::<R>(row);
        for number in group {
            let panel = &panels[number * groups * width..][..groups * width];
            let first = number * width;
            let before: [L::Words; PANEL] =
                core::array::from_fn(|v| if QUADS { L::load_words(&header[first + v * L::WIDTH..]) } else { L::no_words() });
            let sums = products::<L, QUADS, R>(rows, panel, before);
            let count = width.min(self.scales.len() - first);
            let scales = &self.scales[first..][..count];
            let column = self.first_column + first;
            if count < width {
                for (r, sums) in sums.iter().enumerate() {
                    finish_partial(sums.map(|sum| L::from_words(sum).mul(of_rows[r])), scales, out.row(r, column, count));
                }
                continue;
            }
            let scales: [L; PANEL] = load(scales);
            for r in 0..R {
                let target = out.row(r, column, count);
                for v in 0..PANEL {
                    let value = L::from_words(sums[r][v]).mul(of_rows[r]).mul(scales[v]);
                    L::load(&target[v * L::WIDTH..]).add(value).store(&mut target[v * L::WIDTH..]);
                }
            }
        }
    }
}

/// Adds a row of the last panel, which has fewer columns.
#[inline(never)]
fn finish_partial<L: Lanes>(values: [L; PANEL], scales: &[L::Element], target: &mut [L::Element]) {
    for ((value, target), scales) in values.into_iter().zip(target.chunks_mut(L::WIDTH)).zip(scales.chunks(L::WIDTH)) {
        L::load_partial(target).add(value.mul(L::load_partial(scales))).store_partial(target);
    }
}

/// Sums of the products of `R` rows with a panel. The sums start from `before`.
#[inline(always)]
fn products<L: IntegerLanes, const QUADS: bool, const R: usize>(
    rows: [&[u32]; R],
    panel: &[i32],
    before: [L::Words; PANEL],
) -> [[L::Words; PANEL]; R] {
    let mut sums = [before; R];
    let groups = rows[0].len();
    let rows = rows.map(|row| &row[..groups]);
    for (group, words) in (0..groups).zip(panel.chunks_exact(panel_width::<L>())) {
        let right: [L::Words; PANEL] = core::array::from_fn(|v| L::load_words(&words[v * L::WIDTH..]));
        for (row, sums) in rows.iter().zip(&mut sums) {
            let left = L::splat_word(row[group]);
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum = if QUADS { L::add_quads(*sum, right, left) } else { L::add_pairs(*sum, right, left) };
            }
        }
    }
    sums
}

/// Loads a row of a whole panel.
#[inline(always)]
fn load<L: Lanes>(source: &[L::Element]) -> [L; PANEL] {
    let source = &source[..panel_width::<L>()];
    core::array::from_fn(|v| L::load(&source[v * L::WIDTH..]))
}
