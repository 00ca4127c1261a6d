use crate::lanes::Element;

/// How much each of N rows counts: `weight[n]` or 1, and 0 where the mask is.
pub struct RowWeights<'a, E> {
    weight: Option<&'a [E]>,
    mask: Option<&'a [i32]>,
    /// `total / valid` by the mask (Keras' `apply_mask`): times it, a mean over all rows is one
    /// over the valid rows. 0 when none is.
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
