//! Kernels that copy rows, compute elementwise functions, reduce along an axis, or multiply many
//! matrices.

use crate::descriptors::{BatchedProduct, MoveRows, NormalizeRows, NormalizeRowsBackward, Pointwise, ReduceRows};
use crate::lanes::F32x4;
use crate::layers::{self, Places, ProductShape, Walk};

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

export! {
    fn reduce_rows(d: ReduceRows) {
        let (x, y) = (buffer!(d.x[d.outer, d.count, d.inner]), buffer!(d.y[d.outer, d.inner]));
        layers::reduce_rows::<F32x4>(d.operation, d.count as usize, d.inner as usize, x, y);
    }
}

export! {
    fn normalize_rows(d: NormalizeRows) {
        let (x, y) = (buffer!(d.x[d.rows, d.features]), buffer!(d.y[d.rows, d.features]));
        layers::normalize_rows::<F32x4>(d.features as usize, f64::from(d.epsilon), x, y, buffer!(d.scale[d.rows]));
    }
}

export! {
    fn normalize_rows_backward(d: NormalizeRowsBackward) {
        let (y, d_y) = (buffer!(d.y[d.rows, d.features]), buffer!(d.d_y[d.rows, d.features]));
        let d_x = buffer!(d.d_x[d.rows, d.features]);
        layers::normalize_rows_backward::<F32x4>(d.features as usize, y, buffer!(d.scale[d.rows]), d_y, d_x);
    }
}

macro_rules! product_shape {
    ($d:ident) => {
        ProductShape {
            counts: [$d.count0 as usize, $d.count1 as usize],
            rows: $d.rows as usize,
            depth: $d.depth as usize,
            columns: $d.columns as usize,
        }
    };
}

export! {
    fn batched_product(d: BatchedProduct) {
        let places = |strides: [u32; 2], row_stride, transposed| Places {
            strides: strides.map(|stride| stride as usize),
            row_stride: row_stride as usize,
            transposed: transposed != 0,
        };
        let left = places([d.left_stride0, d.left_stride1], d.left_row_stride, d.left_transposed);
        let right = places([d.right_stride0, d.right_stride1], d.right_row_stride, d.right_transposed);
        let y = places([d.y_stride0, d.y_stride1], d.y_row_stride, 0);
        let shape = product_shape!(d);
        let workspace = buffer!(d.workspace[layers::batched_product_workspace::<F32x4>(shape)]);
        let (left, right) = ((buffer!(d.left[d.left_length]), left), (buffer!(d.right[d.right_length]), right));
        layers::batched_product::<F32x4>(shape, left, right, (buffer!(d.y[d.y_length]), y), d.accumulate != 0, workspace);
    }
}

export_workspace! {
    fn batched_product_workspace(d: BatchedProduct) -> usize {
        layers::batched_product_workspace::<F32x4>(product_shape!(d))
    }
}
