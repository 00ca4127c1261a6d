//! Strided copies: concatenations, slices, transposes, reversals and copies of states are one kernel with other numbers.

use crate::lanes::{Lanes, add};

/// Axes outside a row.
pub const AXES: usize = 4;

/// Where the rows of one array begin: `start`, and how far it is to the next row along each axis, outermost first.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    pub start: u32,
    /// In elements; negative to go back.
    pub strides: [i32; AXES],
}

impl Walk {
    /// The place of the row with these indices.
    fn place(&self, indices: [u32; AXES]) -> usize {
        let offset: i64 = indices.iter().zip(self.strides).map(|(&index, stride)| i64::from(index) * i64::from(stride)).sum();
        usize::try_from(i64::from(self.start) + offset).expect("a row begins inside its array")
    }
}

/// Copies `counts` rows of `width` elements from `x` to `y`, or adds them to what `y` holds.
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

    #[test]
    fn moves_whole_rows_along_every_axis() {
        let x: Vec<f64> = (0i32..48).map(f64::from).collect();
        let mut y = vec![0.0; 48];
        let counts = [2, 2, 2, 2];
        // Every axis of [2, 2, 2, 2, 3] in the opposite order.
        let from = Walk { start: 0, strides: [24, 12, 6, 3] };
        let to = Walk { start: 0, strides: [3, 6, 12, 24] };
        move_rows::<f64>(counts, 3, &x, from, &mut y, to, false);
        for (at, value) in y.iter().enumerate() {
            let (row, column) = (at / 3, at % 3);
            let reversed = (row & 1) << 3 | (row & 2) << 1 | (row & 4) >> 1 | (row & 8) >> 3;
            assert_eq!(*value, x[reversed * 3 + column]);
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
