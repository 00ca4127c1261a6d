//! Random orthogonal matrices (Saxe, McClelland, Ganguli 2014), as in Keras' `Orthogonal`.
//!
//! Keras multiplies Q of a QR decomposition by the signs of R's diagonal. The Q of a decomposition
//! with a positive diagonal is unique, and the Gram-Schmidt process computes it. Vector by vector,
//! the process would read all earlier vectors twice for each vector. Therefore two matrix products
//! subtract the projections of a whole block of vectors, and then the vectors of the block are made
//! orthonormal. Both steps run twice, which gives orthogonality up to rounding (Giraud, Langou,
//! Rozloznik, van den Eshof 2005; blocks: Barlow, Smoktunowicz 2013).
//!
//! Letters: M the longer side, the length of a vector; K the shorter side, the number of vectors.

use crate::gemm::{self, Matrix, MatrixMut, Start};
use crate::lanes::{Element, Lanes, sum, update};
use crate::random::{Subsequence, normal};

/// Vectors of a block: enough for fast matrix products, few enough for little work inside the
/// block.
const BLOCK: usize = 32;
const PASSES: usize = 2;

/// Arguments of [`orthogonal`], as in [`crate::descriptors::Orthogonal`].
pub struct OrthogonalArguments<'a, E> {
    pub rows: usize,
    pub columns: usize,
    pub gain: E,
    pub subsequence: Subsequence,
    /// `[rows, columns]`
    pub y: &'a mut [E],
    pub workspace: &'a mut [E],
}

/// Elements of workspace of [`orthogonal`].
pub fn workspace_length<L: Lanes>(rows: usize, columns: usize) -> usize {
    let (length, count) = (rows.max(columns), rows.min(columns));
    let products = gemm::workspace_length::<L>(BLOCK, length, count).max(gemm::workspace_length::<L>(BLOCK, count, length));
    count * length + BLOCK * count + products
}

/// `y` = gain * Q of the normal matrix `[M, K]`, transposed when rows < columns.
pub fn orthogonal<L: Lanes>(arguments: OrthogonalArguments<L::Element>) {
    let OrthogonalArguments { rows, columns, gain, subsequence, y, workspace } = arguments;
    let (length, count) = (rows.max(columns), rows.min(columns));
    // [K, M]: the columns of the normal matrix, one after the other. `y` first holds the matrix as
    // it is drawn.
    let (vectors, workspace) = workspace.split_at_mut(count * length);
    normal(subsequence, L::Element::ZERO, L::Element::ONE, y);
    transpose(y, length, count, vectors);
    for first in (0..count).step_by(BLOCK) {
        let (before, rest) = vectors.split_at_mut(first * length);
        let block = &mut rest[..BLOCK.min(count - first) * length];
        for _ in 0..PASSES {
            subtract_projections::<L>(block, before, length, workspace);
            make_orthonormal::<L>(block, length);
        }
    }
    if rows < columns {
        y.copy_from_slice(vectors);
    } else {
        transpose(vectors, count, length, y);
    }
    let gain = L::splat(gain);
    update::<L, 0, 1>([], [y], |[], [q]| [q.mul(gain)]);
}

/// `target[j, i] = source[i, j]` of a matrix `[rows, columns]`.
fn transpose<E: Copy>(source: &[E], rows: usize, columns: usize, target: &mut [E]) {
    for (j, target) in target.chunks_exact_mut(rows).enumerate() {
        for (target, row) in target.iter_mut().zip(source.chunks_exact(columns)) {
            *target = row[j];
        }
    }
}

/// `block[b, M] -= (block · beforeᵀ) · before`, for orthonormal vectors `before[k, M]`.
fn subtract_projections<L: Lanes>(block: &mut [L::Element], before: &[L::Element], length: usize, workspace: &mut [L::Element]) {
    let (rows, known) = (block.len() / length, before.len() / length);
    if known == 0 {
        return;
    }
    let (products, workspace) = workspace.split_at_mut(rows * known);
    let before = Matrix::new(before, known, length);
    let mut out = MatrixMut::new(products, rows, known);
    gemm::multiply::<L>(&mut out, Matrix::new(block, rows, length), before.transposed(), Start::Zero, workspace);
    update::<L, 0, 1>([], [&mut *products], |[], [product]| [product.neg()]);
    let mut out = MatrixMut::new(block, rows, length);
    gemm::multiply::<L>(&mut out, Matrix::new(products, rows, known), before, Start::Existing, workspace);
}

/// The modified Gram-Schmidt process on the vectors `[b, M]`.
fn make_orthonormal<L: Lanes>(vectors: &mut [L::Element], length: usize) {
    for place in 0..vectors.len() / length {
        let (before, rest) = vectors.split_at_mut(place * length);
        let vector = &mut rest[..length];
        for before in before.chunks_exact(length) {
            let product = L::splat(L::Element::from_f64(-sum::<L, 2>([before, vector], |[a, b]| a.mul(b))));
            update::<L, 1, 1>([before], [&mut *vector], |[a], [b]| [a.mul_add(product, b)]);
        }
        let norm = sum::<L, 1>([vector], |[a]| a.mul(a)).sqrt();
        let scale = L::splat(L::Element::from_f64(1.0 / norm));
        update::<L, 0, 1>([], [vector], |[], [a]| [a.mul(scale)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::Four;
    use crate::testing::assert_near;

    const SUBSEQUENCE: Subsequence = Subsequence { seed: [3, 4], number: 5 };

    fn matrix<L: Lanes>(rows: usize, columns: usize, gain: f64) -> Vec<L::Element> {
        let mut y = vec![L::Element::from_f64(f64::NAN); rows * columns];
        let mut workspace = vec![L::Element::from_f64(f64::NAN); workspace_length::<L>(rows, columns)];
        let gain = L::Element::from_f64(gain);
        orthogonal::<L>(OrthogonalArguments { rows, columns, gain, subsequence: SUBSEQUENCE, y: &mut y, workspace: &mut workspace });
        y
    }

    /// `[K, M]`: the orthogonal vectors, whichever side they are on.
    fn vectors<E: Element>(y: &[E], rows: usize, columns: usize) -> Vec<Vec<f64>> {
        let at = |vector: usize, place: usize| if rows < columns { vector * columns + place } else { place * columns + vector };
        (0..rows.min(columns)).map(|vector| (0..rows.max(columns)).map(|place| y[at(vector, place)].to_f64()).collect()).collect()
    }

    fn check_orthogonality<L: Lanes>(rows: usize, columns: usize, gain: f64, tolerance: f64) {
        let vectors = vectors(&matrix::<L>(rows, columns, gain), rows, columns);
        for (i, a) in vectors.iter().enumerate() {
            for (j, b) in vectors.iter().enumerate() {
                let product: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
                let expected = if i == j { gain * gain } else { 0.0 };
                assert!((product - expected).abs() < tolerance, "[{rows}, {columns}]: {i} and {j} have the product {product}");
            }
        }
    }

    #[test]
    fn vectors_are_orthogonal_and_as_long_as_the_gain() {
        for (rows, columns) in [(1, 1), (1, 7), (7, 1), (5, 3), (3, 5), (31, 33), (32, 32), (33, 33), (64, 200), (130, 100)] {
            check_orthogonality::<f64>(rows, columns, 1.5, 1e-13);
            check_orthogonality::<f32>(rows, columns, 1.0, 1e-6);
            check_orthogonality::<Four<f64>>(rows, columns, 1.5, 1e-13);
            check_orthogonality::<Four<f32>>(rows, columns, 1.0, 1e-6);
        }
    }

    /// `R = Qᵀ A` has a positive diagonal and zeros below it: Q is the factor that Keras' signs
    /// pick.
    #[test]
    fn belongs_to_the_normal_matrix() {
        for (length, count) in [(6, 4), (40, 40), (70, 35)] {
            let mut a = vec![0.0f64; length * count];
            normal(SUBSEQUENCE, 0.0, 1.0, &mut a);
            for (rows, columns) in [(length, count), (count, length)] {
                for (i, q) in vectors(&matrix::<f64>(rows, columns, 1.0), rows, columns).iter().enumerate() {
                    for j in 0..=i {
                        let r: f64 = (0..length).map(|place| q[place] * a[place * count + j]).sum();
                        assert!(if i == j { r > 0.0 } else { r.abs() < 1e-12 }, "r[{i}, {j}] = {r}");
                    }
                }
            }
        }
    }

    #[test]
    fn float32_and_four_lanes_agree_with_float64() {
        for (rows, columns) in [(40, 24), (39, 41)] {
            let expected: Vec<f64> = matrix::<f64>(rows, columns, 1.0);
            assert_near(&matrix::<Four<f64>>(rows, columns, 1.0), &expected, 1e-11, "q in four lanes");
            if rows > columns {
                assert_near(&matrix::<f32>(rows, columns, 1.0), &expected, 2e-6, "q");
                assert_near(&matrix::<Four<f32>>(rows, columns, 1.0), &expected, 2e-6, "q in four lanes of float32");
            }
        }
    }
}
