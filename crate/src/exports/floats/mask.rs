//! Masks of steps, from ids or floats, and zeros at masked steps.

use crate::descriptors::{ApplyMask, EitherMask, MaskFromFloats, MaskFromIds};
use crate::layers;

export! {
    fn mask_from_ids(d: MaskFromIds) {
        layers::mask_from_ids(buffer!(d.ids[d.rows]), buffer!(d.mask[d.rows]));
    }
}

export! {
    fn either_mask(d: EitherMask) {
        layers::either_mask(buffer!(d.a[d.rows]), buffer!(d.b[d.rows]), buffer!(d.mask[d.rows]));
    }
}

export! {
    fn mask_from_floats(d: MaskFromFloats) {
        layers::mask_from_floats(d.features as usize, d.mask_value, buffer!(d.x[d.rows, d.features]), buffer!(d.mask[d.rows]));
    }
}

export! {
    fn apply_mask(d: ApplyMask) {
        let (x, y) = (buffer!(d.x[d.rows, d.features]), buffer!(d.y[d.rows, d.features]));
        layers::apply_mask(d.features as usize, x, buffer!(d.mask[d.rows]), y);
    }
}
