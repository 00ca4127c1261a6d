//! Many matrix products of one shape: for the scores and weighted sums of attention, and for
//! `matmul` and `Dot`. Letters: M rows and N columns of a product, K depth.

use crate::gemm::{self, Matrix, MatrixMut, Start};
use crate::lanes::Lanes;

/// Axes along which there are several products.
pub const AXES: usize = 2;

/// Sizes of the products.
#[derive(Clone, Copy, Debug)]
pub struct ProductShape {
    /// Number of products along each axis.
    pub counts: [usize; AXES],
    /// M
    pub rows: usize,
    /// K
    pub depth: usize,
    /// N
    pub columns: usize,
}

/// The places of the matrices in an array.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// Elements from one matrix to the next along each axis; 0 where all products have the same
    /// matrix.
    pub strides: [usize; AXES],
    /// Elements from one stored row to the next. The elements of a row are contiguous.
    pub row_stride: usize,
    /// Whether the stored matrices are transposed. False for the products.
    pub transposed: bool,
}

impl Places {
    fn start(&self, [i, j]: [usize; AXES]) -> usize {
        i * self.strides[0] + j * self.strides[1]
    }

    fn matrix<'a, E: Copy>(&self, data: &'a [E], at: [usize; AXES], rows: usize, columns: usize) -> Matrix<'a, E> {
        let data = &data[self.start(at)..];
        if self.transposed {
            Matrix::columns_of(data, columns, self.row_stride.max(rows), 0, rows).transposed()
        } else {
            Matrix::columns_of(data, rows, self.row_stride.max(columns), 0, columns)
        }
    }
}

/// Floats of workspace of [`batched_product`].
pub fn batched_product_workspace<L: Lanes>(shape: ProductShape) -> usize {
    gemm::workspace_length::<L>(shape.rows, shape.depth, shape.columns)
}

/// `y` `[M, N]` = `left` `[M, K]` · `right` `[K, N]` for each of the products, or
/// `y += left · right`.
pub fn batched_product<L: Lanes>(
    shape: ProductShape,
    (left, left_places): (&[L::Element], Places),
    (right, right_places): (&[L::Element], Places),
    (y, y_places): (&mut [L::Element], Places),
    accumulate: bool,
    workspace: &mut [L::Element],
) {
    let ProductShape { counts: [outer, inner], rows, depth, columns } = shape;
    let start = if accumulate { Start::Existing } else { Start::Zero };
    for i in 0..outer {
        for j in 0..inner {
            let at = [i, j];
            let left = left_places.matrix(left, at, rows, depth);
            let right = right_places.matrix(right, at, depth, columns);
            let y = &mut y[y_places.start(at)..];
            let mut y = MatrixMut::columns_of(y, rows, y_places.row_stride.max(columns), 0, columns);
            gemm::multiply::<L>(&mut y, left, right, start, workspace);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::{Element, Four};
    use crate::testing::{Random, assert_near, numbers, values};

    /// Matrices `[rows, columns]` that lie between others, as the heads of attention do.
    struct Array {
        places: Places,
        length: usize,
    }

    impl Array {
        fn random(counts: [usize; AXES], rows: usize, columns: usize, transposed: bool, random: &mut Random) -> Self {
            let (stored_rows, stored_columns) = if transposed { (columns, rows) } else { (rows, columns) };
            let gap = random.size(0, 2);
            let row_stride = counts[0] * counts[1] * stored_columns + gap;
            let strides = [counts[1] * stored_columns, stored_columns];
            Self { places: Places { strides, row_stride, transposed }, length: stored_rows * row_stride }
        }

        fn place(&self, at: [usize; AXES], row: usize, column: usize) -> usize {
            let (row, column) = if self.places.transposed { (column, row) } else { (row, column) };
            self.places.start(at) + row * self.places.row_stride + column
        }
    }

    fn run<L: Lanes>(shape: ProductShape, arrays: [&Array; 3], data: [&[f64]; 3], accumulate: bool) -> Vec<f64> {
        let [left, right, y] = data.map(values::<L::Element>);
        let (mut y, nan) = (y, L::Element::from_f64(f64::NAN));
        let mut workspace = vec![nan; batched_product_workspace::<L>(shape)];
        let [l, r, o] = arrays.map(|array| array.places);
        batched_product::<L>(shape, (&left, l), (&right, r), (&mut y, o), accumulate, &mut workspace);
        numbers(&y)
    }

    #[test]
    fn products_are_those_of_the_definition() {
        let mut random = Random::new(52);
        for case in 0..200 {
            let counts = [random.size(1, 3), random.size(1, 3)];
            let shape = ProductShape { counts, rows: random.size(1, 9), depth: random.size(1, 9), columns: random.size(1, 9) };
            let ProductShape { rows, depth, columns, .. } = shape;
            let left = Array::random(counts, rows, depth, case & 1 == 1, &mut random);
            let right = Array::random(counts, depth, columns, case & 2 == 2, &mut random);
            let y = Array::random(counts, rows, columns, false, &mut random);
            let [a, b, before] = [&left, &right, &y].map(|array| random.numbers(array.length));
            let accumulate = case & 4 == 4;
            // What is between the matrices stays.
            let mut expected = before.clone();
            for at in (0..counts[0] * counts[1]).map(|product| [product / counts[1], product % counts[1]]) {
                for (row, column) in (0..rows * columns).map(|element| (element / columns, element % columns)) {
                    let place = y.place(at, row, column);
                    let sum: f64 = (0..depth).map(|k| a[left.place(at, row, k)] * b[right.place(at, k, column)]).sum();
                    expected[place] = if accumulate { before[place] + sum } else { sum };
                }
            }
            let what = format!("case {case}, {shape:?}");
            let (arrays, data) = ([&left, &right, &y], [&a[..], &b, &before]);
            assert_near(&run::<f64>(shape, arrays, data, accumulate), &expected, 1e-13, &what);
            assert_near(&run::<Four<f64>>(shape, arrays, data, accumulate), &expected, 1e-13, &what);
            assert_near(&run::<Four<f32>>(shape, arrays, data, accumulate), &expected, 1e-5, &what);
        }
    }
}
