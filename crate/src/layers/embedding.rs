//! Embeddings: the rows of a table that ids name. Letters: N ids, V rows of the table, D features.

use super::row_of;
use crate::lanes::{Element, Lanes, add};

/// `y[n] = table[ids[n]]`: `ids[N]`, `table[V, D]`, `y[N, D]`; D is `features`.
///
/// Panics when an id is outside the table.
pub fn embedding_forward<E: Element>(features: usize, ids: &[i32], table: &[E], y: &mut [E]) {
    for (&id, y) in ids.iter().zip(y.chunks_exact_mut(features)) {
        let row = row_of(id, table.len() / features);
        y.copy_from_slice(&table[row * features..][..features]);
    }
}

/// `d_table[v]` = sum of `d_y[n]` over all n with `ids[n] = v`, in the order of n: `ids[N]`,
/// `d_y[N, D]`, `d_table[V, D]`.
///
/// Panics when an id is outside the table.
pub fn embedding_backward<L: Lanes>(features: usize, ids: &[i32], d_y: &[L::Element], d_table: &mut [L::Element]) {
    d_table.fill(L::Element::ZERO);
    for (&id, d_y) in ids.iter().zip(d_y.chunks_exact(features)) {
        let row = row_of(id, d_table.len() / features);
        let d_row = &mut d_table[row * features..][..features];
        add::<L>(d_row, d_y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::Four;
    use crate::testing::{Random, assert_near, values};

    fn agrees<L: Lanes>(features: usize, ids: &[i32], d_y: &[f64], d_table: &[f64], tolerance: f64) {
        let mut found = vec![L::Element::from_f64(f64::NAN); d_table.len()];
        embedding_backward::<L>(features, ids, &values::<L::Element>(d_y), &mut found);
        assert_near(&found, d_table, tolerance, "other lanes");
    }

    #[test]
    fn backward_matches_central_differences() {
        let mut random = Random::new(31);
        for features in 1..33 {
            let (rows, vocabulary) = (random.size(1, 12), random.size(1, 5));
            let ids: Vec<i32> = (0..rows).map(|_| random.size(0, vocabulary - 1) as i32).collect();
            let mut table = random.numbers(vocabulary * features);
            let d_y = random.numbers(rows * features);
            let mut d_table = vec![f64::NAN; table.len()];
            embedding_backward::<f64>(features, &ids, &d_y, &mut d_table);
            let mut y = vec![f64::NAN; d_y.len()];
            for place in 0..table.len() {
                let value = table[place];
                let mut loss_at = |value| {
                    table[place] = value;
                    embedding_forward(features, &ids, &table, &mut y);
                    y.iter().zip(&d_y).map(|(y, d)| y * d).sum::<f64>()
                };
                let difference = (loss_at(value + 1e-4) - loss_at(value - 1e-4)) / 2e-4;
                loss_at(value);
                assert!((difference - d_table[place]).abs() < 1e-9, "{features} features, element {place}");
            }
            agrees::<f32>(features, &ids, &d_y, &d_table, 1e-6);
            agrees::<Four<f32>>(features, &ids, &d_y, &d_table, 1e-6);
            agrees::<Four<f64>>(features, &ids, &d_y, &d_table, 1e-14);
        }
    }

    #[test]
    #[should_panic(expected = "id 3 is not one of 3 rows")]
    fn ids_are_rows_of_the_table() {
        embedding_forward(1, &[3], &[0.0, 1.0, 2.0], &mut [0.0]);
    }
}
