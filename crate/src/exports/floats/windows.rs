//! Layers with windows over the axes of a sample: convolution and pooling.

use crate::descriptors::{ConvolutionBackward, ConvolutionForward, PoolBackward, PoolForward};
use crate::lanes::F32x4;
use crate::layers::{self, Convolution, Pooling, Windows};

macro_rules! convolution {
    ($d:ident) => {
        Convolution {
            axes: [
                windows!($d.input0, $d.output0, $d.window0, $d.stride0, $d.dilation0, $d.before0),
                windows!($d.input1, $d.output1, $d.window1, $d.stride1, $d.dilation1, $d.before1),
            ],
            rows: $d.rows as usize,
            groups: $d.groups as usize,
            depth: $d.depth as usize,
            filters: $d.filters as usize,
        }
    };
}

macro_rules! pool {
    ($d:ident) => {
        (
            [
                windows!($d.input0, $d.output0, $d.window0, $d.stride0, 1u32, $d.before0),
                windows!($d.input1, $d.output1, $d.window1, $d.stride1, 1u32, $d.before1),
            ],
            if $d.average != 0 { Pooling::Average } else { Pooling::Max },
        )
    };
}

macro_rules! windows {
    ($input:expr, $output:expr, $size:expr, $stride:expr, $dilation:expr, $before:expr) => {
        Windows {
            input: $input as usize,
            output: $output as usize,
            size: $size as usize,
            stride: $stride as usize,
            dilation: $dilation as usize,
            before: $before as usize,
        }
    };
}

export! {
    fn convolution_forward(d: ConvolutionForward) {
        let shape = convolution!(d);
        let x = buffer!(d.x[d.input1, d.input0, d.rows, d.groups, d.depth]);
        let kernel = buffer!(d.kernel[d.window0, d.window1, d.depth, d.groups, d.filters]);
        let bias = buffer!(d.bias[d.groups, d.filters]);
        let y = buffer!(d.y[d.output1, d.output0, d.rows, d.groups, d.filters]);
        let workspace = buffer!(d.workspace[layers::convolution_forward_workspace::<F32x4>(shape)]);
        layers::convolution_forward::<F32x4>(shape, x, kernel, bias, y, workspace);
    }
}

export_workspace! {
    fn convolution_forward_workspace(d: ConvolutionForward) -> usize {
        layers::convolution_forward_workspace::<F32x4>(convolution!(d))
    }
}

export! {
    fn convolution_backward(d: ConvolutionBackward) {
        let shape = convolution!(d);
        let arguments = layers::ConvolutionBackward {
            x: buffer!(d.x[d.input1, d.input0, d.rows, d.groups, d.depth]),
            kernel: buffer!(d.kernel[d.window0, d.window1, d.depth, d.groups, d.filters]),
            d_y: buffer!(d.d_y[d.output1, d.output0, d.rows, d.groups, d.filters]),
            d_kernel: buffer!(d.d_kernel[d.window0, d.window1, d.depth, d.groups, d.filters]),
            d_bias: buffer!(d.d_bias[d.groups, d.filters]),
            d_x: buffer!(d.d_x[d.input1, d.input0, d.rows, d.groups, d.depth]),
            workspace: buffer!(d.workspace[layers::convolution_backward_workspace::<F32x4>(shape)]),
        };
        layers::convolution_backward::<F32x4>(shape, arguments);
    }
}

export_workspace! {
    fn convolution_backward_workspace(d: ConvolutionBackward) -> usize {
        layers::convolution_backward_workspace::<F32x4>(convolution!(d))
    }
}

export! {
    fn pool_forward(d: PoolForward) {
        let (axes, pooling) = pool!(d);
        let (x, y) = (buffer!(d.x[d.input1, d.input0, d.width]), buffer!(d.y[d.output1, d.output0, d.width]));
        layers::pool_forward::<F32x4>(axes, pooling, d.width as usize, x, y);
    }
}

export! {
    fn pool_backward(d: PoolBackward) {
        let (axes, pooling) = pool!(d);
        let (x, d_y) = (buffer!(d.x[d.input1, d.input0, d.width]), buffer!(d.d_y[d.output1, d.output0, d.width]));
        layers::pool_backward::<F32x4>(axes, pooling, d.width as usize, x, d_y, buffer!(d.d_x[d.input1, d.input0, d.width]));
    }
}
