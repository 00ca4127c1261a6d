//! Kernels on token ids.

use crate::descriptors::MaskFromIds;

export! {
    fn mask_from_ids(d: MaskFromIds) {
        for (mask, id) in buffer!(d.mask[d.rows]).iter_mut().zip(buffer!(d.ids[d.rows])) {
            *mask = i32::from(*id != 0);
        }
    }
}
