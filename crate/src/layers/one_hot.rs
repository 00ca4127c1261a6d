use super::row_of;
use crate::lanes::Element;

/// `y[n]` = 1 at `ids[n]`, 0 elsewhere: `ids[N]`, `y[N, D]`; D is `features`.
///
/// Panics when an id is not below D.
pub fn one_hot_forward<E: Element>(features: usize, ids: &[i32], y: &mut [E]) {
    y.fill(E::ZERO);
    for (&id, y) in ids.iter().zip(y.chunks_exact_mut(features)) {
        y[row_of(id, features)] = E::ONE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ones_stand_at_the_ids() {
        let mut y = [f32::NAN; 9];
        one_hot_forward(3, &[2, 0, 2], &mut y);
        assert_eq!(y, [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    #[should_panic(expected = "id -1 is not one of 3 rows")]
    fn ids_are_features() {
        one_hot_forward(3, &[-1], &mut [0.0f32; 3]);
    }
}
