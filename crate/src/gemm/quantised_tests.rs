//! Products of integers: exactly their definition, for every start, tail and packing.

use super::quantised::{DEPTH, PANEL, Packing, QuantisedMatrix, RowStore};
use super::{Matrix, MatrixMut, Start};
use crate::lanes::{Four, IntegerLanes};
use crate::testing::{Random, cases};

/// Codes of packings. Under Miri without the third, which has the code of the first and other
/// numbers.
fn packings() -> Vec<u32> {
    cases(vec![1, 2, 3], vec![1, 2])
}

/// The largest integer of the right side.
fn most(code: u32) -> i32 {
    if code == 1 { 2047 } else { 127 }
}

/// A right side `[K, G*H]`.
struct Right {
    packing: Packing,
    depth: usize,
    gates: usize,
    units: usize,
    integers: Vec<i32>,
    scales: Vec<f32>,
}

impl Right {
    fn random(code: u32, depth: usize, gates: usize, units: usize, random: &mut Random) -> Self {
        let count = depth * gates * units;
        Self {
            packing: Packing::from_code(code),
            depth,
            gates,
            units,
            integers: (0..count).map(|_| random.size(0, 2 * most(code) as usize) as i32 - most(code)).collect(),
            scales: random.numbers(gates * units).into_iter().map(|scale| scale as f32 * 0.01).collect(),
        }
    }

    fn at(&self, k: usize, column: usize) -> i32 {
        if k < self.depth { self.integers[k * self.gates * self.units + column] } else { 0 }
    }

    /// Word after word as the documentation of the module says.
    fn pack(&self, width: usize) -> Vec<i32> {
        let Self { packing, depth, gates, units, .. } = *self;
        let column = |gate: usize, unit: usize, k: usize| if unit < units { self.at(k, gate * units + unit) } else { 0 };
        let padded = units.next_multiple_of(width);
        let mut words = vec![];
        for gate in 0..gates {
            for start in (0..depth).step_by(DEPTH) {
                let end = (start + DEPTH).min(depth);
                if packing.elements == 4 {
                    words.extend((0..padded).map(|unit| -64 * (start..end).map(|k| column(gate, unit, k)).sum::<i32>()));
                }
                for panel in (0..padded).step_by(width) {
                    for k in (start..end).step_by(packing.elements) {
                        words.extend((panel..panel + width).map(|unit| {
                            let bits = 32 / packing.elements as u32;
                            let part = |n: usize| if k + n < end { column(gate, unit, k + n) } else { 0 };
                            (0..packing.elements).fold(0, |word: u32, n| {
                                let element = part(n) as u32 & u32::MAX >> (32 - bits);
                                word | element << (bits * n as u32)
                            }) as i32
                        }));
                    }
                }
            }
        }
        words
    }
}

/// The integers of a row and what one stands for, in float32.
fn quantised(packing: Packing, row: &[f32]) -> (Vec<i32>, f32) {
    let most = row.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    let factor = if most >= 1e-30 { packing.levels as f32 / most } else { 0.0 };
    (row.iter().map(|x| (x * factor).round_ties_even() as i32).collect(), most / packing.levels as f32)
}

fn multiplied<L: IntegerLanes<Element = f32>>(
    right: &Right,
    out: &mut MatrixMut<f32>,
    left: Matrix<f32>,
    gates: core::ops::Range<usize>,
    start: Start<f32>,
) {
    let words = right.pack(PANEL * L::WIDTH);
    let Right { packing, depth, units, .. } = *right;
    assert_eq!(words.len(), QuantisedMatrix::<f32>::words::<L>(packing, depth, right.gates, units));
    let (scales, integers) = RowStore::<f32>::lengths(left.rows(), depth);
    let (mut scales, mut integers) = (vec![f32::NAN; scales], vec![u32::MAX; integers]);
    let matrix = QuantisedMatrix { packing, depth, units, words: &words, scales: &right.scales };
    matrix.multiply::<L>(out, left, gates, start, RowStore::new(&mut scales, &mut integers));
}

/// Some gates of a random product with every start, in columns of a wider output.
fn check<L: IntegerLanes<Element = f32>>(right: &Right, rows: usize, random: &mut Random) {
    let Right { packing, depth, units, gates: all, .. } = *right;
    let first_gate = random.size(0, all - 1);
    let gates = first_gate..random.size(first_gate + 1, all);
    let columns = gates.len() * units;
    let floats = |count: usize, random: &mut Random| random.numbers(count).into_iter().map(|x| x as f32).collect::<Vec<f32>>();
    let x = floats((rows + 2) * depth, random);
    let list: Vec<u32> = (0..rows).map(|_| random.size(0, rows + 1) as u32).collect();
    let (bias, before) = (floats(columns, random), floats(rows * (columns + 3), random));
    let rows_before = Matrix::columns_of(&before, rows, columns + 3, 2, columns);
    for (kind, start) in [Start::Zero, Start::Existing, Start::Bias(&bias), Start::Rows(rows_before)].into_iter().enumerate() {
        let mut out = before.clone();
        let left = Matrix::new(&x, rows + 2, depth).listed(&list);
        multiplied::<L>(right, &mut MatrixMut::columns_of(&mut out, rows, columns + 3, 1, columns), left, gates.clone(), start);
        for row in 0..rows {
            let (integers, scale) = quantised(packing, &x[list[row] as usize * depth..][..depth]);
            for column in 0..columns + 3 {
                let place = row * (columns + 3) + column;
                let mut expected = before[place];
                if (1..=columns).contains(&column) {
                    let of_right = gates.start * units + column - 1;
                    expected = [0.0, expected, bias[column - 1], before[place + 1]][kind];
                    for start in (0..depth).step_by(DEPTH) {
                        let sum: i32 = (start..depth.min(start + DEPTH)).map(|k| integers[k] * right.at(k, of_right)).sum();
                        expected += sum as f32 * scale * right.scales[of_right];
                    }
                }
                assert_eq!(out[place], expected, "start {kind}, row {row} of {rows}, column {column}, depth {depth}, {packing:?}");
            }
        }
    }
}

#[test]
fn is_exactly_the_definition() {
    let mut random = Random::new(61);
    // Under Miri: a partial panel, and a panel and a column of another.
    for size in cases((1..=25).collect(), vec![1, 9]) {
        for code in packings() {
            let [most_depth, most_gates, most_rows] = if cfg!(miri) { [9, 2, 5] } else { [40, 4, 11] };
            let (depth, gates, rows) = (random.size(1, most_depth), random.size(1, most_gates), random.size(0, most_rows));
            let right = Right::random(code, depth, gates, size, &mut random);
            check::<f32>(&right, rows, &mut random);
            check::<Four<f32>>(&right, rows, &mut random);
        }
    }
}

#[test]
fn of_more_depth_and_rows_than_are_summed_at_once() {
    let mut random = Random::new(62);
    // Only fours have a header in each block of the depth.
    for code in cases(packings(), vec![2]) {
        let depths = vec![DEPTH - 1, DEPTH, DEPTH + 1, 2 * DEPTH, 2 * DEPTH + 7];
        for depth in cases(depths, vec![DEPTH + 1]) {
            let (gates, units, rows) = if cfg!(miri) { (1, 1, 1) } else { (2, 3, 6) };
            check::<Four<f32>>(&Right::random(code, depth, gates, units, &mut random), rows, &mut random);
        }
        for rows in cases(vec![127, 128, 129, 260], vec![129]) {
            let columns = if cfg!(miri) { 1 } else { 9 };
            check::<Four<f32>>(&Right::random(code, 5, 1, columns, &mut random), rows, &mut random);
        }
    }
}

/// The sums with the largest magnitude; in debug builds an overflow panics.
#[test]
#[cfg_attr(miri, ignore = "it sums 1024 products, like other tests")]
fn no_sum_overflows() {
    let mut random = Random::new(63);
    for code in packings() {
        for sign in [-1, 1] {
            let mut right = Right::random(code, DEPTH, 1, 8, &mut random);
            right.integers.fill(sign * most(code));
            right.scales.fill(1.0);
            let x = vec![-2.5_f32; DEPTH];
            let mut out = vec![f32::NAN; 8];
            multiplied::<Four<f32>>(&right, &mut MatrixMut::new(&mut out, 1, 8), Matrix::new(&x, 1, DEPTH), 0..1, Start::Zero);
            let levels = right.packing.levels;
            let expected = (-levels * sign * most(code) * DEPTH as i32) as f32 * (2.5 / levels as f32);
            assert_eq!(out, vec![expected; 8]);
        }
    }
}

#[test]
fn rows_of_zeros_give_the_start_and_rows_that_are_not_finite_nan() {
    let mut random = Random::new(64);
    for code in packings() {
        let right = Right::random(code, 21, 1, 5, &mut random);
        for (element, expected) in [(0.0, 0.25), (1e-38, 0.25), (f32::INFINITY, f32::NAN), (f32::NAN, f32::NAN)] {
            let mut x = vec![0.0; 21];
            x[17] = element;
            let mut out = vec![f32::NAN; 5];
            multiplied::<Four<f32>>(&right, &mut MatrixMut::new(&mut out, 1, 5), Matrix::new(&x, 1, 21), 0..1, Start::Bias(&[0.25; 5]));
            assert!(out.iter().all(|y| y.to_bits() == f32::to_bits(expected) || y.is_nan() && expected.is_nan()), "{element}: {out:?}");
        }
    }
}

#[test]
fn rows_are_read_back() {
    let mut random = Random::new(65);
    for code in packings() {
        let sizes = vec![(1, 1, 1), (7, 3, 5), (DEPTH + 6, 2, 9)];
        for (depth, gates, units) in cases(sizes, vec![(7, 3, 5), (DEPTH + 6, 1, 1)]) {
            let right = Right::random(code, depth, gates, units, &mut random);
            let words = right.pack(8);
            let matrix = QuantisedMatrix { packing: right.packing, depth, units, words: &words, scales: &right.scales };
            for row in [0, depth / 2, depth - 1] {
                let mut found = vec![f32::NAN; gates * units];
                matrix.read_row::<Four<f32>>(row, &mut found);
                let expected: Vec<f32> = (0..gates * units).map(|column| right.at(row, column) as f32 * right.scales[column]).collect();
                assert_eq!(found, expected);
            }
        }
    }
}
