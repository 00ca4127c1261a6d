//! Kernels that move values from one place to another, or compute each by itself.

use crate::descriptors::{MoveRows, Pointwise};
use crate::lanes::F32x4;
use crate::layers::{self, Walk};

export! {
    fn move_rows(d: MoveRows) {
        let walk = |start, strides: [u32; 4]| Walk { start, strides: strides.map(u32::cast_signed) };
        let from = walk(d.x_start, [d.x_stride0, d.x_stride1, d.x_stride2, d.x_stride3]);
        let to = walk(d.y_start, [d.y_stride0, d.y_stride1, d.y_stride2, d.y_stride3]);
        let counts = [d.count0, d.count1, d.count2, d.count3];
        let (x, y) = (buffer!(d.x[d.x_length]), buffer!(d.y[d.y_length]));
        layers::move_rows::<F32x4>(counts, d.width as usize, x, from, y, to, d.accumulate != 0);
    }
}

export! {
    fn pointwise(d: Pointwise) {
        let inputs = [
            buffer!(d.x0[d.length0]),
            buffer!(d.x1[d.length1]),
            buffer!(d.x2[d.length2]),
            buffer!(d.x3[d.length3]),
            buffer!(d.x4[d.length4]),
            buffer!(d.x5[d.length5]),
        ]
        ;
        let outputs = [buffer!(d.y0[d.count]), buffer!(d.y1[d.count]), buffer!(d.y2[d.count]), buffer!(d.y3[d.count])];
        crate::pointwise::pointwise::<F32x4>(buffer!(d.code[d.code_length]), d.count as usize, inputs, outputs);
    }
}
