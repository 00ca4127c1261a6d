//! Strided copies: concatenations, slices, transposes, reversals and copies of states are one
//! kernel with different strides.

use crate::lanes::{Lanes, add};

/// Axes of the rows.
pub const AXES: usize = 4;

/// Where the rows of one array begin: `start`, and the distance to the next row along each axis,
/// outermost first.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    pub start: u32,
    /// In elements; may be negative.
    pub strides: [i32; AXES],
}

impl Walk {
    /// Index of the first element of the row with these indices.
    fn place(&self, indices: [u32; AXES]) -> usize {
        let offset: i64 = indices.iter().zip(self.strides).map(|(&index, stride)| i64::from(index) * i64::from(stride)).sum();
        // Not `expect`, which would add the error messages of the conversion to the module.
        let Ok(place) = usize::try_from(i64::from(self.start) + offset) else { panic!("a row begins outside its array") };
        place
    }
}

/// Copies `counts` rows of `width` elements from `x` to `y`, or adds them to `y`.
pub fn move_rows<L: Lanes>(
    counts: [u32; AXES],
    width: usize,
    x: &[L::Element],
    from: Walk,
    y: &mut [L::Element],
    to: Walk,
    accumulate: bool,
) {
    let [outer, second, third, inner] = counts;
    for i in 0..outer {
        for j in 0..second {
            for k in 0..third {
                for l in 0..inner {
                    let indices = [i, j, k, l];
                    let source = &x[from.place(indices)..][..width];
                    let target = &mut y[to.place(indices)..][..width];
                    match (accumulate, width) {
                        (false, 1) => target[0] = source[0],
                        (true, 1) => target[0] += source[0],
                        (false, _) => target.copy_from_slice(source),
                        (true, _) => add::<L>(target, source),
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::{Element, Four};

    #[test]
    fn transposes_reverses_and_adds() {
        // [2, 3] to [3, 2] with its rows in reverse order.
        let x: Vec<f64> = (0i32..6).map(f64::from).collect();
        let mut y = vec![10.0; 7];
        let from = Walk { start: 0, strides: [0, 0, 3, 1] };
        let to = Walk { start: 2, strides: [0, 0, -1, 2] };
        move_rows::<f64>([1, 1, 2, 3], 1, &x, from, &mut y, to, false);
        assert_eq!(y, [10.0, 3.0, 0.0, 4.0, 1.0, 5.0, 2.0]);
        move_rows::<f64>([1, 1, 2, 3], 1, &x, from, &mut y, to, true);
        assert_eq!(y, [10.0, 6.0, 0.0, 8.0, 2.0, 10.0, 4.0]);
    }

    fn check_axes<L: Lanes>(width: usize) {
        let x: Vec<L::Element> = (0..16 * width).map(|value| L::Element::from_f64(value as f64)).collect();
        let mut y = vec![L::Element::ZERO; 16 * width];
        let counts = [2, 2, 2, 2];
        // Every axis of [2, 2, 2, 2, width] in the opposite order.
        let strides = [8, 4, 2, 1].map(|rows| rows * width as i32);
        let from = Walk { start: 0, strides };
        let to = Walk { start: 0, strides: [strides[3], strides[2], strides[1], strides[0]] };
        for (accumulate, times) in [(false, 1.0), (true, 2.0)] {
            move_rows::<L>(counts, width, &x, from, &mut y, to, accumulate);
            for (at, value) in y.iter().enumerate() {
                let (row, column) = (at / width, at % width);
                let reversed = (row & 1) << 3 | (row & 2) << 1 | (row & 4) >> 1 | (row & 8) >> 3;
                assert_eq!(*value, L::Element::from_f64(times) * x[reversed * width + column], "row {row}, column {column} of {width}");
            }
        }
    }

    #[test]
    fn moves_whole_rows_along_every_axis() {
        for width in 1..10 {
            check_axes::<f64>(width);
            check_axes::<Four<f32>>(width);
        }
    }

    #[test]
    #[should_panic]
    fn refuses_rows_outside() {
        move_rows::<f64>(
            [1, 1, 1, 2],
            2,
            &[0.0; 3],
            Walk { start: 0, strides: [0, 0, 0, 2] },
            &mut [0.0; 4],
            Walk { start: 0, strides: [0, 0, 0, 2] },
            false,
        );
    }
}
