//! The micro-kernel: a few rows of the product, held in registers over the whole depth of a block.

use crate::lanes::Lanes;

/// Rows of a full tile. With fused multiply-adds, `ROWS * PANEL` = 12 accumulators, `PANEL` values
/// of the right side and one of the left fill the fifteen registers that V8 gives out of sixteen;
/// eight would only just cover their latency (four cycles, two a cycle). Without, each product
/// needs a register before it is added, and twelve spill: training takes 1.3 times as long in Node
/// 24, twice as long in Node 20. Five rows spill in Node 20 too.
///
/// The wide build is for engines that join two neighbouring values into one of twice the width:
/// five rows over two panels are then ten accumulators. Four rows are a tenth slower, six spill.
pub const ROWS: usize = match () {
    _ if WIDE => 5,
    _ if cfg!(all(target_arch = "wasm32", not(target_feature = "relaxed-simd"))) => 4,
    _ => 6,
};
/// Whether this is the build for engines that join neighbouring values.
const WIDE: bool = cfg!(feature = "wide");
/// Values of lanes side by side in one panel.
pub const PANEL: usize = 2;

// The heights that `for_height` knows.
const _: () = assert!(matches!(ROWS, 4..=6));

/// Heights of the tiles that `rows` rows are cut into, from the first row, and how many there are
/// of each.
pub fn tile_heights(rows: usize) -> [(usize, usize); 3] {
    cut(rows, ROWS)
}

/// [`tile_heights`] with full tiles of `height` rows. Up to half a tile of rows that are left over
/// shares the last full tile's rows: low tiles wait for their multiply-adds.
pub(super) fn cut(rows: usize, height: usize) -> [(usize, usize); 3] {
    let (full, rest) = (rows / height, rows % height);
    if full == 0 || rest == 0 || rest > height / 2 {
        return [(height, full), (rest, 1), (0, 0)];
    }
    let (higher, lower) = ((height + rest).div_ceil(2), (height + rest) / 2);
    [(height, full - 1), (higher, 1), (lower, 1)]
}

/// What is done to tiles of one height.
pub trait TileTask {
    /// `R`: the height, `P`: over how many panels such a tile passes at once; low ones over
    /// several, for as many accumulators.
    fn run<const R: usize, const P: usize>(self);
}

/// Runs a task for a height of [`tile_heights`].
#[inline(always)]
pub fn for_height(height: usize, task: impl TileTask) {
    match height {
        // Guarded, so that tiles that are never cut take no space.
        6 if ROWS == 6 => task.run::<6, 1>(),
        5 if ROWS == 6 => task.run::<5, 1>(),
        5 if WIDE => task.run::<5, 2>(),
        4 if WIDE => task.run::<4, 2>(),
        3 if WIDE => task.run::<3, 2>(),
        4 => task.run::<4, 1>(),
        3 => task.run::<3, 1>(),
        2 => task.run::<2, 2>(),
        1 => task.run::<1, 4>(),
        0 => {}
        _ => unreachable!("no tile has {height} rows"),
    }
}

/// Accumulators of `R` rows over `P` panels.
pub type Tile<L, const R: usize, const P: usize> = [[[L; PANEL]; P]; R];

/// `tile += left · panels`, of which the last ones may be empty.
///
/// `left` gives the `R` elements of one column of the left block at a time; each panel holds, for
/// one row of the right block after another, its `PANEL * L::WIDTH` elements. The multiply-adds
/// must reach the engine in this order, row by row, or all elements of a column are alive at once
/// and accumulators spill: `scripts/build-wasm.mjs` asks LLVM for it.
#[inline(always)]
pub fn multiply_add<L: Lanes, const R: usize, const P: usize>(
    left: impl Iterator<Item = [L::Element; R]> + Clone,
    panels: [&[L::Element]; P],
    mut tile: Tile<L, R, P>,
) -> Tile<L, R, P> {
    let width = PANEL * L::WIDTH;
    // One iterator, so that the loop has one counter and no other end.
    if P == 1 {
        for (column, row) in left.zip(panels[0].chunks_exact(width)) {
            add_column(column, [row; P], &mut tile);
        }
        return tile;
    }
    if panels.iter().any(|panel| panel.len() != panels[0].len()) {
        for (p, panel) in panels.into_iter().enumerate() {
            for (column, row) in left.clone().zip(panel.chunks_exact(width)) {
                let right = load_row(row);
                for (element, accumulators) in column.into_iter().zip(&mut tile) {
                    add_products(L::splat(element), right, &mut accumulators[p]);
                }
            }
        }
        return tile;
    }
    let panel = |p: usize| panels[p.min(P - 1)].chunks_exact(width);
    if P == 2 {
        for ((column, first), second) in left.zip(panel(0)).zip(panel(1)) {
            add_column(column, core::array::from_fn(|p| [first, second][p]), &mut tile);
        }
        return tile;
    }
    const { assert!(P <= 4 && P != 3) };
    for ((((column, a), b), c), d) in left.zip(panel(0)).zip(panel(1)).zip(panel(2)).zip(panel(3)) {
        add_column(column, core::array::from_fn(|p| [a, b, c, d][p]), &mut tile);
    }
    tile
}

/// One column of the left block times one row of each panel.
#[inline(always)]
fn add_column<L: Lanes, const R: usize, const P: usize>(column: [L::Element; R], rows: [&[L::Element]; P], tile: &mut Tile<L, R, P>) {
    let right = rows.map(load_row);
    for (element, accumulators) in column.into_iter().zip(tile) {
        let element = L::splat(element);
        for (right, accumulators) in right.into_iter().zip(accumulators) {
            add_products(element, right, accumulators);
        }
    }
}

#[inline(always)]
fn load_row<L: Lanes>(row: &[L::Element]) -> [L; PANEL] {
    core::array::from_fn(|v| L::load(&row[v * L::WIDTH..]))
}

#[inline(always)]
fn add_products<L: Lanes>(element: L, right: [L; PANEL], accumulators: &mut [L; PANEL]) {
    for (right, accumulator) in right.into_iter().zip(accumulators) {
        *accumulator = element.mul_add(right, *accumulator);
    }
}

/// The columns of a packed tile of `R` rows.
#[inline(always)]
pub fn packed<E: Copy, const R: usize>(left: &[E]) -> impl Iterator<Item = [E; R]> + Clone {
    left.chunks_exact(R).map(|column| core::array::from_fn(|r| column[r]))
}

/// The columns of `R` rows read where they are.
#[inline(always)]
pub fn direct<E: Copy, const R: usize>(rows: [&[E]; R]) -> impl Iterator<Item = [E; R]> + Clone {
    let depth = rows[0].len();
    let rows = rows.map(|row| &row[..depth]);
    (0..depth).map(move |k| core::array::from_fn(|r| rows[r][k]))
}
