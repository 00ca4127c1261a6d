/// `mask[n] = ids[n] != 0`: 0 is padding.
pub fn mask_from_ids(ids: &[i32], mask: &mut [i32]) {
    for (mask, &id) in mask.iter_mut().zip(ids) {
        *mask = i32::from(id != 0);
    }
}

/// `mask[n]`: 1 where either is not 0.
pub fn either_mask(a: &[i32], b: &[i32], mask: &mut [i32]) {
    for (mask, (&a, &b)) in mask.iter_mut().zip(a.iter().zip(b)) {
        *mask = i32::from(a != 0 || b != 0);
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
}
