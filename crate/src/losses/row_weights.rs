use crate::lanes::Element;

/// How much each of N rows counts: `weight[n]`, times 0 or `total / valid` by the mask (Keras' `apply_mask`), which turns a
/// mean over all rows into one over the valid rows. Without valid rows every weight is 0.
pub struct RowWeights<'a, E> {
    weight: Option<&'a [E]>,
    mask: Option<&'a [i32]>,
    scale: f64,
}

impl<'a, E> RowWeights<'a, E> {
    pub fn new(rows: usize, weight: Option<&'a [E]>, mask: Option<&'a [i32]>) -> Self {
        let scale = match mask {
            Some(mask) => match mask.iter().filter(|&&valid| valid != 0).count() {
                0 => 0.0,
                valid => rows as f64 / valid as f64,
            },
            None => 1.0,
        };
        Self { weight, mask, scale }
    }

    /// The same, but a valid row counts by its weight alone.
    pub fn unscaled(weight: Option<&'a [E]>, mask: Option<&'a [i32]>) -> Self {
        Self { weight, mask, scale: 1.0 }
    }

    pub fn are_all_one(&self) -> bool {
        self.weight.is_none() && self.mask.is_none()
    }
}

impl<E: Element> RowWeights<'_, E> {
    pub fn of(&self, n: usize) -> f64 {
        match self.mask {
            Some(mask) if mask[n] == 0 => 0.0,
            _ => self.scale * self.weight.map_or(1.0, |weight| weight[n].to_f64()),
        }
    }
}
