//! Products against the definition.

use super::tile::{PANEL, cut};
use super::{Matrix, MatrixMut, PackedMatrix, Prepared, ProductBefore, Start, multiply, workspace_length};
use crate::lanes::{Element, Four, Lanes};
use crate::testing::{Random, assert_near, cases, values};

/// Sizes of one product, and which operands are stored transposed.
#[derive(Clone, Copy, Debug)]
struct Case {
    rows: usize,
    depth: usize,
    columns: usize,
    left_transposed: bool,
    right_transposed: bool,
}

/// The tiles of both builds.
#[test]
fn every_row_is_in_one_tile() {
    for height in [4, 6] {
        for rows in 0..50 {
            let tiles = cut(rows, height);
            assert_eq!(
                tiles.iter().map(|(height, count)| height * count).sum::<usize>(),
                rows,
                "{rows} rows in tiles of {height}: {tiles:?}"
            );
            assert!(tiles.iter().all(|&(cut, count)| cut <= height || count == 0), "{tiles:?}");
            // As few as can be.
            let count: usize = tiles.iter().filter(|(height, _)| *height > 0).map(|(_, count)| count).sum();
            assert_eq!(count, rows.div_ceil(height), "{rows} rows in tiles of {height}: {tiles:?}");
        }
    }
}

/// `start + left · right` by the definition, in float64.
fn expected(
    case: Case,
    left: impl Fn(usize, usize) -> f64,
    right: impl Fn(usize, usize) -> f64,
    start: impl Fn(usize, usize) -> f64,
) -> Vec<f64> {
    let mut out = Vec::new();
    for m in 0..case.rows {
        for n in 0..case.columns {
            out.push(start(m, n) + (0..case.depth).map(|k| left(m, k) * right(k, n)).sum::<f64>());
        }
    }
    out
}

/// Runs every way to compute the case's product and compares.
fn check<L: Lanes>(case: Case, random: &mut Random, tolerance: f64) {
    let Case { rows, depth, columns, .. } = case;
    let element = L::Element::from_f64;
    let left: Vec<f64> = random.numbers(rows * depth);
    let right: Vec<f64> = random.numbers(depth * columns);
    let bias: Vec<f64> = random.numbers(columns);
    let existing: Vec<f64> = random.numbers(rows * columns);
    let [left_data, right_data, bias_data] = [&left, &right, &bias].map(|values| values.iter().copied().map(element).collect::<Vec<_>>());
    let left_matrix =
        if case.left_transposed { Matrix::new(&left_data, depth, rows).transposed() } else { Matrix::new(&left_data, rows, depth) };
    let right_matrix = if case.right_transposed {
        Matrix::new(&right_data, columns, depth).transposed()
    } else {
        Matrix::new(&right_data, depth, columns)
    };
    let left_at = |m: usize, k: usize| left[if case.left_transposed { k * rows + m } else { m * depth + k }];
    let right_at = |k: usize, n: usize| right[if case.right_transposed { n * depth + k } else { k * columns + n }];
    let nan = element(f64::NAN);
    for (start, want) in [
        (Start::Zero, expected(case, left_at, right_at, |_, _| 0.0)),
        (Start::Bias(&bias_data[..]), expected(case, left_at, right_at, |_, n| bias[n])),
        (Start::Existing, expected(case, left_at, right_at, |m, n| existing[m * columns + n])),
    ] {
        let fresh = || match start {
            Start::Existing => existing.iter().copied().map(element).collect::<Vec<_>>(),
            _ => vec![nan; rows * columns],
        };
        let mut workspace = vec![nan; workspace_length::<L>(rows, depth, columns)];
        let mut out = fresh();
        multiply::<L>(&mut MatrixMut::new(&mut out, rows, columns), left_matrix, right_matrix, start, &mut workspace);
        assert_near(&out, &want, tolerance, &format!("{case:?}"));

        let mut storage = vec![nan; PackedMatrix::length::<L>(depth, columns)];
        let packed = PackedMatrix::pack::<L>(right_matrix, &mut storage);
        let mut out = fresh();
        packed.multiply::<L>(&mut MatrixMut::new(&mut out, rows, columns), left_matrix, start, &mut workspace);
        assert_near(&out, &want, tolerance, &format!("packed {case:?}"));

        if !case.left_transposed {
            let mut out = fresh();
            Prepared::new::<L>(right_matrix, rows, &mut storage).multiply::<L>(
                &mut MatrixMut::new(&mut out, rows, columns),
                left_matrix,
                start,
                &mut workspace,
            );
            assert_near(&out, &want, tolerance, &format!("prepared {case:?}"));

            let mut out = fresh();
            Prepared::new::<L>(right_matrix, rows, &mut storage).multiply::<L>(
                &mut MatrixMut::new(&mut out, rows, columns),
                left_matrix,
                start,
                &mut [],
            );
            assert_near(&out, &want, tolerance, &format!("prepared, no workspace {case:?}"));
        }
    }
}

fn all_orientations<L: Lanes>(rows: usize, depth: usize, columns: usize, random: &mut Random, tolerance: f64) {
    for orientation in 0..4 {
        let case = Case { rows, depth, columns, left_transposed: orientation & 1 != 0, right_transposed: orientation & 2 != 0 };
        check::<L>(case, random, tolerance);
    }
}

/// Rows, depth and columns of products around the tiles.
fn sizes_around_the_tiles<L: Lanes>() -> Vec<(usize, usize, usize)> {
    let panel = PANEL * L::WIDTH;
    if cfg!(miri) {
        // Each height of a tile with as many panels as it takes at once, and with a panel that is
        // partial, whole, or followed by one more column. Seven rows are a tile of four and one of
        // three.
        return vec![(1, 2, 4 * panel + 1), (2, 2, 2 * panel + 1), (5, 1, panel - 1), (6, 2, panel), (7, 2, panel + 1), (6, 0, 1)];
    }
    // Five panels: one more than a tile has at most.
    let columns = 1..=4 * panel + 2;
    (1..=16)
        .flat_map(|rows| [0, 1, 2, 5].map(|depth| (rows, depth)))
        .flat_map(|(rows, depth)| columns.clone().map(move |n| (rows, depth, n)))
        .collect()
}

#[test]
fn every_size_around_the_tiles() {
    let mut random = Random::new(1);
    for (rows, depth, columns) in sizes_around_the_tiles::<f64>() {
        all_orientations::<f64>(rows, depth, columns, &mut random, 1e-13);
    }
    for (rows, depth, columns) in sizes_around_the_tiles::<Four<f64>>() {
        all_orientations::<Four<f64>>(rows, depth, columns, &mut random, 1e-13);
    }
}

#[test]
fn products_of_random_sizes() {
    let mut random = Random::new(6);
    let most = if cfg!(miri) { 6 } else { 33 };
    for size in cases((1..=33).collect(), vec![7]) {
        let other = random.size(1, most);
        let depth = random.size(1, most);
        all_orientations::<f64>(size, depth, other, &mut random, 1e-13);
        all_orientations::<f64>(other, depth, size, &mut random, 1e-13);
        all_orientations::<f32>(size, other, depth, &mut random, 1e-5);
        all_orientations::<Four<f32>>(size, other, depth, &mut random, 1e-5);
    }
}

#[test]
fn sizes_around_the_blocks() {
    let mut random = Random::new(2);
    let sizes = vec![(129, 3, 5), (127, 257, 3), (3, 513, 9), (5, 2, 513), (131, 260, 515), (1, 300, 600), (7, 1030, 19), (700, 5, 520)];
    for (rows, depth, columns) in cases(sizes, vec![]) {
        all_orientations::<f64>(rows, depth, columns, &mut random, 1e-12);
        all_orientations::<Four<f64>>(rows, depth, columns, &mut random, 1e-12);
    }
    // One row, column or element of the depth more than a block has. A transposed left side is
    // always packed, in these blocks.
    for (rows, depth, columns) in [(631, 1, 2), (127, 1, 2), (1, 513, 2), (1, 1, 513)] {
        let case = Case { rows, depth, columns, left_transposed: true, right_transposed: false };
        check::<Four<f64>>(case, &mut random, 1e-12);
    }
}

/// A product that starts from another, which may lack the last columns.
fn check_after_product<L: Lanes>(case: Case, depth_before: usize, columns_before: usize, random: &mut Random, tolerance: f64) {
    let Case { rows, depth, columns, .. } = case;
    let element = L::Element::from_f64;
    let numbers =
        [rows * depth, depth * columns, rows * depth_before, depth_before * columns_before, columns].map(|count| random.numbers(count));
    let data = numbers.each_ref().map(|values| values.iter().copied().map(element).collect::<Vec<_>>());
    let [left, right, left_before, right_before, bias] = &numbers;
    let nan = element(f64::NAN);
    let mut storage = vec![nan; PackedMatrix::length::<L>(depth, columns)];
    let prepared = Prepared::new::<L>(Matrix::new(&data[1], depth, columns), rows, &mut storage);
    let mut storage = vec![nan; PackedMatrix::length::<L>(depth_before, columns_before)];
    let packed_before = PackedMatrix::pack::<L>(Matrix::new(&data[3], depth_before, columns_before), &mut storage);
    for with_bias in [false, true] {
        let before = |m: usize, n: usize| {
            let product = (0..depth_before).map(|k| left_before[m * depth_before + k] * right_before[k * columns_before + n]);
            (if with_bias { bias[n] } else { 0.0 }) + if n < columns_before { product.sum::<f64>() } else { 0.0 }
        };
        let want = expected(case, |m, k| left[m * depth + k], |k, n| right[k * columns + n], before);
        let before = ProductBefore {
            left: Matrix::new(&data[2], rows, depth_before),
            right: packed_before,
            bias: with_bias.then_some(&data[4][..]),
        };
        let mut out = vec![nan; rows * columns];
        prepared.multiply_after::<L>(&mut MatrixMut::new(&mut out, rows, columns), Matrix::new(&data[0], rows, depth), before);
        assert_near(&out, &want, tolerance, &format!("{case:?} after {depth_before}, {columns_before}"));
    }
}

#[test]
fn products_after_products() {
    let mut random = Random::new(5);
    // Under Miri: one row, and a tile of four rows with one of three; a whole panel and a part of
    // another.
    for rows in cases((1..=16).collect(), vec![1, 7]) {
        for columns in cases((1..=40).step_by(3).collect(), vec![10]) {
            let case = Case { rows, depth: random.size(1, 9), columns, left_transposed: false, right_transposed: false };
            for columns_before in cases(vec![columns, columns.div_ceil(2), columns.div_ceil(3)], vec![columns.div_ceil(2)]) {
                check_after_product::<f64>(case, random.size(1, 9), columns_before, &mut random, 1e-13);
                check_after_product::<f32>(case, random.size(1, 9), columns_before, &mut random, 1e-5);
                check_after_product::<Four<f64>>(case, random.size(1, 9), columns_before, &mut random, 1e-13);
            }
        }
    }
    // Blocks of the depth, the longest product before them, and rows that would be packed.
    for (rows, depth, columns, depth_before) in cases(vec![(7, 1030, 19, 512), (13, 1024, 260, 3)], vec![(1, 513, 2, 1)]) {
        let case = Case { rows, depth, columns, left_transposed: false, right_transposed: false };
        check_after_product::<f64>(case, depth_before, columns * 2 / 3, &mut random, 1e-12);
        check_after_product::<Four<f64>>(case, depth_before, columns * 2 / 3, &mut random, 1e-12);
    }
}

#[test]
#[cfg_attr(miri, ignore = "it multiplies rows of 1024 elements by 256 columns")]
fn rows_at_distances_of_whole_pages() {
    let mut random = Random::new(4);
    for (rows, columns) in [(13, 256), (130, 260), (5, 3)] {
        all_orientations::<f64>(rows, 1024, columns, &mut random, 1e-12);
        all_orientations::<f32>(rows, 1024, columns, &mut random, 1e-4);
        all_orientations::<Four<f32>>(rows, 1024, columns, &mut random, 1e-4);
    }
    // More than are packed at once.
    let case = Case { rows: 660, depth: 1024, columns: 256, left_transposed: false, right_transposed: false };
    check::<f32>(case, &mut random, 1e-4);
    check::<Four<f32>>(case, &mut random, 1e-4);
}

fn check_listed<L: Lanes>() {
    let nan = L::Element::from_f64(f64::NAN);
    let mut random = Random::new(3);
    let sizes = vec![(1, 3, 2), (3, 4, 9), (6, 5, 8), (9, 7, 17), (2, 5, 7), (7, 9, 30)];
    for (rows, depth, columns) in cases(sizes, vec![(1, 3, 2), (7, 5, 9)]) {
        let (stored, stride) = (rows + 3, depth + 4);
        let data: Vec<f64> = random.numbers(stored * stride);
        let stored_data = values::<L::Element>(&data);
        let list: Vec<u32> = random.permutation(stored)[..rows].iter().map(|&row| row as u32).collect();
        let right: Vec<f64> = random.numbers(depth * columns);
        let stored_right = values::<L::Element>(&right);
        let left = Matrix::columns_of(&stored_data, stored, stride, 2, depth).listed(&list);
        let out_rows: Vec<u32> = random.permutation(stored)[..rows].iter().map(|&row| row as u32).collect();
        let out_stride = columns + 2;
        let mut out = vec![nan; stored * out_stride];
        let mut workspace = vec![nan; workspace_length::<L>(rows.max(depth), rows.max(depth), columns)];
        let mut target = MatrixMut::columns_of(&mut out, stored, out_stride, 1, columns).listed(&out_rows);
        multiply::<L>(&mut target, left, Matrix::new(&stored_right, depth, columns), Start::Zero, &mut workspace);
        let case = Case { rows, depth, columns, left_transposed: false, right_transposed: false };
        let want = expected(case, |m, k| data[list[m] as usize * stride + 2 + k], |k, n| right[k * columns + n], |_, _| 0.0);
        let mut written = vec![false; out.len()];
        for (m, &row) in out_rows.iter().enumerate() {
            let start = row as usize * out_stride + 1;
            assert_near(&out[start..][..columns], &want[m * columns..][..columns], 1e-13, "listed output");
            written[start..][..columns].fill(true);
        }
        assert!(out.iter().zip(&written).all(|(value, &written)| written || value.to_f64().is_nan()), "wrote outside the listed rows");

        // The weight gradient's shape: the depth runs over listed rows of both sides.
        let gradient: Vec<f64> = random.numbers(stored * columns);
        let stored_gradient = values::<L::Element>(&gradient);
        let mut out = vec![nan; depth * columns];
        let right = Matrix::new(&stored_gradient, stored, columns).listed(&out_rows);
        multiply::<L>(&mut MatrixMut::new(&mut out, depth, columns), left.transposed(), right, Start::Zero, &mut workspace);
        let case = Case { rows: depth, depth: rows, ..case };
        let want =
            expected(case, |m, k| data[list[k] as usize * stride + 2 + m], |k, n| gradient[out_rows[k] as usize * columns + n], |_, _| 0.0);
        assert_near(&out, &want, 1e-13, "listed depth");
    }
}

#[test]
fn listed_rows_and_columns_of_wider_matrices() {
    check_listed::<f64>();
    check_listed::<Four<f64>>();
}
