use crate::lanes::Element;

/// The weight of each of N rows: 0 where the mask is 0, else `weight[n]` or 1.
pub struct RowWeights<'a, E> {
    weight: Option<&'a [E]>,
    mask: Option<&'a [i32]>,
    /// `total / valid` rows of the mask (Keras' `apply_mask`). A mean over all rows, multiplied by
    /// it, is a mean over the valid rows. 0 if no row is valid.
    pub mean_factor: f64,
}

impl<'a, E: Element> RowWeights<'a, E> {
    pub fn new(rows: usize, weight: Option<&'a [E]>, mask: Option<&'a [i32]>) -> Self {
        let mean_factor = match mask {
            Some(mask) => match mask.iter().filter(|&&valid| valid != 0).count() {
                0 => 0.0,
                valid => rows as f64 / valid as f64,
            },
            None => 1.0,
        };
        Self { weight, mask, mean_factor }
    }

    pub fn are_all_one(&self) -> bool {
        self.weight.is_none() && self.mask.is_none()
    }

    pub fn of(&self, n: usize) -> f64 {
        match self.mask {
            Some(mask) if mask[n] == 0 => 0.0,
            _ => self.weight.map_or(1.0, |weight| weight[n].to_f64()),
        }
    }
}
