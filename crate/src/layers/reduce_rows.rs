//! Sums, maxima and minima over one axis of an array.

use crate::descriptors::reduction_code;
use crate::lanes::{Element, Lanes};

const SUM: u32 = reduction_code("sum");
const MAX: u32 = reduction_code("max");
const MIN: u32 = reduction_code("min");

/// Rows that are reduced one after the other. More rows are divided into halves, whose results are
/// combined. So the rounding error of a long sum grows with the logarithm of its length.
const RUN: usize = 32;

/// How two numbers are combined.
#[derive(Clone, Copy)]
enum Combine {
    Add,
    /// The larger of the two products with the sign. NaN if a number is NaN.
    Extreme(f64),
}

impl Combine {
    /// Panics if no operation has the code.
    fn from_code(code: u32) -> Self {
        match code {
            SUM => Self::Add,
            MAX => Self::Extreme(1.0),
            MIN => Self::Extreme(-1.0),
            _ => panic!("no reduction has code {code}"),
        }
    }

    fn lanes<L: Lanes>(self, a: L, b: L) -> L {
        match self {
            Self::Add => a.add(b),
            Self::Extreme(sign) => {
                let sign = L::splat(L::Element::from_f64(sign));
                let further = L::select(a.mul(sign).less_than(b.mul(sign)), b, a);
                // Every number is below 1 or above 0, except NaN.
                let (zero, one) = (L::splat(L::Element::ZERO), L::splat(L::Element::ONE));
                L::select(b.less_than(one), further, L::select(zero.less_than(b), further, b))
            }
        }
    }

    fn elements<E: Element>(self, a: E, b: E) -> E {
        match self {
            Self::Add => a + b,
            Self::Extreme(sign) => {
                let sign = E::from_f64(sign);
                if a * sign < b * sign || b.partial_cmp(&b).is_none() { b } else { a }
            }
        }
    }
}

/// `y[o, i]` is the sum, maximum or minimum of `x[o, ., i]`: `x[outer, count, inner]`,
/// `y[outer, inner]`.
pub fn reduce_rows<L: Lanes>(operation: u32, count: usize, inner: usize, x: &[L::Element], y: &mut [L::Element]) {
    let combine = Combine::from_code(operation);
    for (x, y) in x.chunks_exact(count * inner).zip(y.chunks_exact_mut(inner)) {
        if inner == 1 {
            y[0] = reduce_row::<L>(combine, x);
            continue;
        }
        for (number, y) in y.chunks_mut(L::WIDTH).enumerate() {
            let columns = Columns { x: &x[number * L::WIDTH..], stride: inner, width: y.len() };
            columns.reduce::<L>(combine, 0, count).store_partial(y);
        }
    }
}

/// Reduces all elements of a slice, which must not be empty.
fn reduce_row<L: Lanes>(combine: Combine, x: &[L::Element]) -> L::Element {
    let rows = x.len() / L::WIDTH;
    let last = &x[rows * L::WIDTH..];
    let start = match combine {
        Combine::Add => L::Element::ZERO,
        Combine::Extreme(_) => x[0],
    };
    let start = last.iter().fold(start, |sum, &element| combine.elements(sum, element));
    if rows == 0 {
        return start;
    }
    let columns = Columns { x, stride: L::WIDTH, width: L::WIDTH };
    columns.reduce::<L>(combine, 0, rows).fold(start, |sum, element| combine.elements(sum, element))
}

/// Columns of the rows, at most as many as a vector has lanes.
struct Columns<'a, E> {
    x: &'a [E],
    stride: usize,
    width: usize,
}

impl<E: Element> Columns<'_, E> {
    fn row<L: Lanes<Element = E>>(&self, row: usize) -> L {
        let row = &self.x[row * self.stride..][..self.width];
        if row.len() == L::WIDTH { L::load(row) } else { L::load_partial(row) }
    }

    /// Reduces the rows `first..end`, of which there is at least one.
    fn reduce<L: Lanes<Element = E>>(&self, combine: Combine, first: usize, end: usize) -> L {
        if end - first > RUN {
            let middle = first.midpoint(end);
            return combine.lanes(self.reduce(combine, first, middle), self.reduce(combine, middle, end));
        }
        let mut sums: L = self.row(first);
        for row in first + 1..end {
            sums = combine.lanes(sums, self.row(row));
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::Four;
    use crate::testing::{Random, assert_near, numbers, values};

    fn run<L: Lanes>(operation: u32, [outer, count, inner]: [usize; 3], x: &[f64]) -> Vec<f64> {
        let mut y = vec![L::Element::from_f64(f64::NAN); outer * inner];
        reduce_rows::<L>(operation, count, inner, &values::<L::Element>(x), &mut y);
        numbers(&y)
    }

    fn expected(operation: u32, [outer, count, inner]: [usize; 3], x: &[f64]) -> Vec<f64> {
        let of = |o: usize, i: usize| (0..count).map(move |k| x[(o * count + k) * inner + i]);
        (0..outer * inner)
            .map(|place| {
                let (o, i) = (place / inner, place % inner);
                match operation {
                    SUM => of(o, i).sum(),
                    MAX => of(o, i).fold(f64::NEG_INFINITY, f64::max),
                    _ => of(o, i).fold(f64::INFINITY, f64::min),
                }
            })
            .collect()
    }

    #[test]
    fn reduces_every_shape() {
        let mut random = Random::new(51);
        for inner in (1..20).chain([31, 32, 33]) {
            for count in (1..6).chain([16, 17, 31, 33, 64, 65, 200]) {
                let shape = [random.size(1, 3), count, inner];
                let x = random.numbers(shape.iter().product());
                for operation in [SUM, MAX, MIN] {
                    let right = expected(operation, shape, &x);
                    let what = format!("operation {operation} of {shape:?}");
                    assert_near(&run::<f64>(operation, shape, &x), &right, 1e-13, &what);
                    assert_near(&run::<Four<f64>>(operation, shape, &x), &right, 1e-13, &what);
                    assert_near(&run::<Four<f32>>(operation, shape, &x), &right, 1e-5, &what);
                }
            }
        }
    }

    #[test]
    fn long_sums_keep_their_precision() {
        let length = 1_000_003;
        for inner in [1, 3] {
            let sums = run::<Four<f32>>(SUM, [1, length, inner], &vec![0.1; length * inner]);
            // One running float32 sum would end at 100,958.
            assert_near(&sums, &vec![100_000.3; inner], 1e-6, "sum");
        }
    }

    #[test]
    fn extremes_are_nan_where_an_element_is_and_know_infinities() {
        for (operation, worst, best) in [(MAX, f64::NEG_INFINITY, 7.0), (MIN, f64::INFINITY, -7.0)] {
            for inner in [1, 5] {
                for count in [1, 7, 16, 40] {
                    for place in 0..count {
                        let mut x = vec![worst; count * inner];
                        assert_eq!(run::<Four<f64>>(operation, [1, count, inner], &x), vec![worst; inner]);
                        x[place * inner] = best;
                        assert_eq!(run::<Four<f64>>(operation, [1, count, inner], &x)[0], best, "place {place} of {count}");
                        x[place * inner] = f64::NAN;
                        let y = run::<Four<f64>>(operation, [1, count, inner], &x);
                        assert!(y[0].is_nan() && y[1..].iter().all(|&value| value == worst), "NaN at {place} of {count}: {y:?}");
                    }
                }
            }
        }
    }
}
