use crate::lanes::Element;

/// `mask[n] = ids[n] != 0`: 0 is padding.
pub fn mask_from_ids(ids: &[i32], mask: &mut [i32]) {
    for (mask, &id) in mask.iter_mut().zip(ids) {
        *mask = i32::from(id != 0);
    }
}

/// `mask[n]` = 1 where `a[n]` or `b[n]` is not 0, else 0.
pub fn either_mask(a: &[i32], b: &[i32], mask: &mut [i32]) {
    for (mask, (&a, &b)) in mask.iter_mut().zip(a.iter().zip(b)) {
        *mask = i32::from(a != 0 || b != 0);
    }
}

/// `mask[n]` = 1 where an element of `x[n]` differs from `mask_value`, else 0: `x[N, D]`; D is
/// `features`. NaN differs from every value.
pub fn mask_from_floats<E: Element>(features: usize, mask_value: E, x: &[E], mask: &mut [i32]) {
    for (mask, x) in mask.iter_mut().zip(x.chunks_exact(features)) {
        *mask = i32::from(x.iter().any(|&x| x != mask_value));
    }
}

/// `y[n] = x[n]` where `mask[n]` is not 0, else 0: `x[N, D]`, `y[N, D]`; D is `features`.
pub fn apply_mask<E: Element>(features: usize, x: &[E], mask: &[i32], y: &mut [E]) {
    for ((y, x), &mask) in y.chunks_exact_mut(features).zip(x.chunks_exact(features)).zip(mask) {
        if mask == 0 {
            y.fill(E::ZERO);
        } else {
            y.copy_from_slice(x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_masked() {
        let mut mask = [7; 4];
        mask_from_ids(&[0, 3, -1, 0], &mut mask);
        assert_eq!(mask, [0, 1, 1, 0]);
    }

    #[test]
    fn a_step_of_either_counts() {
        let mut mask = [7; 4];
        either_mask(&[0, 3, 0, 1], &[0, 0, 1, 1], &mut mask);
        assert_eq!(mask, [0, 1, 1, 1]);
    }

    #[test]
    fn rows_of_the_mask_value_alone_are_masked() {
        let mut mask = [7; 5];
        mask_from_floats(2, 0.0f32, &[0.0, -0.0, 0.0, 1.0, -1.0, 0.0, f32::NAN, 0.0, 0.0, 0.0], &mut mask);
        assert_eq!(mask, [0, 1, 1, 1, 0]);
        mask_from_floats(2, -1.0f32, &[-1.0, -1.0, 0.0, 0.0, -1.0, 1.0, 0.0, -1.0, -1.0, -1.0], &mut mask);
        assert_eq!(mask, [0, 1, 1, 1, 0]);
    }

    #[test]
    fn masked_rows_become_zeros() {
        let mut y = [f32::NAN; 6];
        apply_mask(2, &[1.0, 2.0, f32::NAN, 4.0, 5.0, 6.0], &[1, 0, -1], &mut y);
        assert_eq!(y, [1.0, 2.0, 0.0, 0.0, 5.0, 6.0]);
    }
}
