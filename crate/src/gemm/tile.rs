//! The micro-kernel: a few rows of the product, whose accumulators stay in registers over the whole
//! depth of a block.

use crate::lanes::Lanes;

/// Rows of a full tile. With fused multiply-adds, there are `ROWS * PANEL` = 12 accumulators,
/// `PANEL` vectors of the right side and one of the left. They fill the fifteen registers that V8
/// uses of the sixteen. Eight accumulators are the fewest that hide the latency of a multiply-add
/// (four cycles, two a cycle). Without fused multiply-adds, each product needs a register before it
/// is added, and twelve accumulators spill: training takes 1.3 times as long in Node 24, twice as
/// long in Node 20. Five rows spill in Node 20, too.
///
/// The wide build is for engines that combine two adjacent vectors into one of twice the width.
/// Five rows and two panels are then ten accumulators. Four rows take a tenth longer, and six
/// spill.
pub const ROWS: usize = match () {
    _ if WIDE => 5,
    _ if cfg!(all(target_arch = "wasm32", not(target_feature = "relaxed-simd"))) => 4,
    _ => 6,
};
/// Whether this is the build for engines that combine adjacent vectors.
const WIDE: bool = cfg!(feature = "wide");
/// Vectors side by side in one panel.
pub const PANEL: usize = 2;

// The heights that `for_height` knows.
const _: () = assert!(matches!(ROWS, 4..=6));

/// Heights of the tiles into which `rows` rows are divided, from the first row on, and the number
/// of tiles of each height.
pub fn tile_heights(rows: usize) -> [(usize, usize); 3] {
    cut(rows, ROWS)
}

/// [`tile_heights`] with full tiles of `height` rows. If at most half a tile of rows is left over,
/// these and the last full tile are divided into two tiles of nearly equal height, because low
/// tiles have too few accumulators to hide the latency of their multiply-adds.
pub(super) fn cut(rows: usize, height: usize) -> [(usize, usize); 3] {
    let (full, rest) = (rows / height, rows % height);
    if full == 0 || rest == 0 || rest > height / 2 {
        return [(height, full), (rest, 1), (0, 0)];
    }
    let (higher, lower) = ((height + rest).div_ceil(2), (height + rest) / 2);
    [(height, full - 1), (higher, 1), (lower, 1)]
}

/// A function over tiles, compiled for each height.
pub trait TileTask {
    /// `R`: the height. `P`: the panels that such a tile multiplies at once. Low tiles take several
    /// panels, so that they have enough accumulators.
    fn run<const R: usize, const P: usize>(self);
}

/// Runs a task for a height of [`tile_heights`].
#[inline(always)]
pub fn for_height(height: usize, task: impl TileTask) {
    match height {
        // The guards leave out tiles that this build never has, which would take space.
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

/// Accumulators of `R` rows and `P` panels.
pub type Tile<L, const R: usize, const P: usize> = [[[L; PANEL]; P]; R];

/// `tile += left · panels`. The last panels may be empty.
///
/// `left` yields the columns of the left block, `R` elements each. A panel holds the rows of the
/// right block, `PANEL * L::WIDTH` elements each. The engine must get the multiply-adds in this
/// order, row by row. Otherwise all elements of a column are in registers at once, and accumulators
/// spill. `scripts/build-wasm.mjs` passes LLVM an option that keeps the order.
#[inline(always)]
pub fn multiply_add<L: Lanes, const R: usize, const P: usize>(
    left: impl Iterator<Item = [L::Element; R]> + Clone,
    panels: [&[L::Element]; P],
    mut tile: Tile<L, R, P>,
) -> Tile<L, R, P> {
    let width = PANEL * L::WIDTH;
    // One iterator, so that the loop has one counter and one exit.
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

/// The columns of `R` rows that are read in place.
#[inline(always)]
pub fn direct<E: Copy, const R: usize>(rows: [&[E]; R]) -> impl Iterator<Item = [E; R]> + Clone {
    let depth = rows[0].len();
    let rows = rows.map(|row| &row[..depth]);
    (0..depth).map(move |k| core::array::from_fn(|r| rows[r][k]))
}
