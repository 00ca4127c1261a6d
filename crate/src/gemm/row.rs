//! Products of single rows with a matrix that is read in place.

use super::{Matrix, MatrixMut, Start};
use crate::lanes::{Element, Lanes};

/// Accumulators in flight, to cover the latency of a multiply-add.
const TOGETHER: usize = 8;
/// Stored rows of a transposed matrix that are multiplied at once.
const DOTS: usize = 4;

/// `out = start`, for a product of depth 0.
pub(super) fn fill<L: Lanes>(out: &mut MatrixMut<L::Element>, start: Start<L::Element>) {
    for row in 0..out.rows() {
        begin(out, row, start);
    }
}

/// Writes what a product is added to into a row of the output.
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

/// `out[n] += sum over k of left[k] * right[k, n]`, a strip of columns at a time.
fn add_rows<L: Lanes>(out: &mut [L::Element], left: &[L::Element], right: Matrix<L::Element>) {
    let width = TOGETHER * L::WIDTH;
    let mut strips = out.chunks_exact_mut(width);
    let mut first = 0;
    for strip in &mut strips {
        let mut sums: [L; TOGETHER] = core::array::from_fn(|v| L::load(&strip[v * L::WIDTH..]));
        for (k, &element) in left.iter().enumerate() {
            let element = L::splat(element);
            let row = right.stored(k, first, width);
            for (v, sum) in sums.iter_mut().enumerate() {
                *sum = element.mul_add(L::load(&row[v * L::WIDTH..]), *sum);
            }
        }
        for (sum, target) in sums.iter().zip(strip.chunks_exact_mut(L::WIDTH)) {
            sum.store(target);
        }
        first += width;
    }
    for strip in strips.into_remainder().chunks_mut(L::WIDTH) {
        let mut sum = L::load_partial(strip);
        for (k, &element) in left.iter().enumerate() {
            sum = L::splat(element).mul_add(L::load_partial(right.stored(k, first, strip.len())), sum);
        }
        sum.store_partial(strip);
        first += strip.len();
    }
}

/// `out[n] += left · stored row n of right`
fn add_dots<L: Lanes>(out: &mut [L::Element], left: &[L::Element], right: Matrix<L::Element>) {
    let full = left.len() - left.len() % L::WIDTH;
    let tail = L::load_partial(&left[full..]);
    for (group, out) in out.chunks_mut(DOTS).enumerate() {
        // A last group of fewer rows reads its last row again.
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
