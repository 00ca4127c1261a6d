//! Products of single left rows with a right side that is read in place.

use super::{Matrix, MatrixMut, Start};
use crate::lanes::{Element, Lanes};

/// Stored rows of a transposed matrix whose dot products are computed together.
const DOTS: usize = 4;

/// `out = start`: a product of depth 0.
pub(super) fn fill<L: Lanes>(out: &mut MatrixMut<L::Element>, start: Start<L::Element>) {
    for row in 0..out.rows() {
        begin(out, row, start);
    }
}

/// Writes the start of a product to one row of the output.
pub(super) fn begin<E: Element>(out: &mut MatrixMut<E>, row: usize, start: Start<E>) {
    let columns = out.columns();
    let out = out.row_mut(row, 0, columns);
    match start {
        Start::Zero => out.fill(E::ZERO),
        Start::Existing => {}
        Start::Bias(bias) => out.copy_from_slice(bias),
        Start::Rows(rows) => out.copy_from_slice(rows.stored(row, 0, columns)),
    }
}

/// `out = start + left · right`, row by row.
pub(super) fn multiply<L: Lanes>(
    out: &mut MatrixMut<L::Element>,
    left: Matrix<L::Element>,
    right: Matrix<L::Element>,
    start: Start<L::Element>,
) {
    let columns = out.columns();
    for row in 0..out.rows() {
        let left = left.stored(row, 0, left.columns());
        begin(out, row, start);
        let out = out.row_mut(row, 0, columns);
        if right.is_transposed() {
            add_dots::<L>(out, left, right);
        } else {
            add_rows::<L>(out, left, right);
        }
    }
}

/// `out[n] += sum over k of left[k] * right[k, n]`, four rows of the right side at a time. These
/// are read from end to end, which processors prefetch. Going down a few columns would keep the
/// sums in registers, but its reads are too far apart for prefetching.
fn add_rows<L: Lanes>(out: &mut [L::Element], left: &[L::Element], right: Matrix<L::Element>) {
    let columns = out.len();
    let row = |k| right.stored(k, 0, columns);
    let mut groups = left.chunks_exact(4);
    let mut first = 0;
    for group in &mut groups {
        let factors: [L; 4] = core::array::from_fn(|k| L::splat(group[k]));
        add_four::<L>(out, factors, core::array::from_fn(|k| row(first + k)));
        first += 4;
    }
    for &element in groups.remainder() {
        add_one::<L>(out, L::splat(element), row(first));
        first += 1;
    }
}

/// `out[n] += sum over k of factors[k] * rows[k][n]`
fn add_four<L: Lanes>(out: &mut [L::Element], factors: [L; 4], rows: [&[L::Element]; 4]) {
    let [a, b, c, d] = rows.map(|row| row.chunks_exact(L::WIDTH));
    for ((((out, a), b), c), d) in out.chunks_exact_mut(L::WIDTH).zip(a).zip(b).zip(c).zip(d) {
        let mut sum = L::load(out);
        for (factor, row) in factors.iter().zip([a, b, c, d]) {
            sum = factor.mul_add(L::load(row), sum);
        }
        sum.store(out);
    }
    let full = out.len() - out.len() % L::WIDTH;
    if full < out.len() {
        for (factor, row) in factors.into_iter().zip(rows) {
            add_one::<L>(&mut out[full..], factor, &row[full..]);
        }
    }
}

/// `out[n] += factor * row[n]`
fn add_one<L: Lanes>(out: &mut [L::Element], factor: L, row: &[L::Element]) {
    for (out, row) in out.chunks_mut(L::WIDTH).zip(row.chunks(L::WIDTH)) {
        factor.mul_add(L::load_partial(row), L::load_partial(out)).store_partial(out);
    }
}

/// `out[n] += left · stored row n of right`
fn add_dots<L: Lanes>(out: &mut [L::Element], left: &[L::Element], right: Matrix<L::Element>) {
    let full = left.len() - left.len() % L::WIDTH;
    let tail = L::load_partial(&left[full..]);
    for (group, out) in out.chunks_mut(DOTS).enumerate() {
        // If the last group has fewer rows, it reads its last row several times.
        let rows: [&[L::Element]; DOTS] = core::array::from_fn(|d| right.stored(group * DOTS + d.min(out.len() - 1), 0, left.len()));
        let mut sums = rows.map(|row| tail.mul(L::load_partial(&row[full..])));
        for (position, part) in left.chunks_exact(L::WIDTH).enumerate() {
            let part = L::load(part);
            for (sum, row) in sums.iter_mut().zip(rows) {
                *sum = part.mul_add(L::load(&row[position * L::WIDTH..]), *sum);
            }
        }
        for (target, sum) in out.iter_mut().zip(sums) {
            *target += sum.sum();
        }
    }
}
