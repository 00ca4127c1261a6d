//! The weights of the input projection, and the products with them.

use super::kernel::Gates;
use super::workspace::take;
use super::{FloatKernel, Kernel, Layout, MOST_SEGMENTS, Segment, Shape};
use crate::gemm::{Matrix, MatrixMut, PackedMatrix, RowStore, Start};
use crate::lanes::{Element, IntegerLanes, Lanes};

/// Weights of the input projection.
#[derive(Clone, Copy)]
pub struct InputWeights<'a, E, K> {
    pub layout: Layout,
    /// D
    pub features: usize,
    /// H
    pub units: usize,
    /// `[D, G*H]`
    pub kernel: K,
    /// `[S*H]`: for each block of a saved row, the sum of its biases.
    pub block_bias: Option<&'a [E]>,
}

/// The kernel's columns of each segment, packed.
pub type PackedKernel<'a, E> = [Option<PackedMatrix<'a, E>>; MOST_SEGMENTS];

/// Elements of storage for [`InputWeights::pack`].
pub fn packed_length<L: Lanes>(layout: Layout, shape: Shape) -> usize {
    layout.input.iter().map(|segment| PackedMatrix::length::<L>(shape.features, segment.count * shape.units)).sum()
}

impl<'a, E: Element, K: Kernel<'a, E>> InputWeights<'a, E, K> {
    /// The gates of a segment.
    fn gates(&self, segment: &Segment) -> Gates {
        let Self { layout, features, units, .. } = *self;
        Gates { depth: features, units, all: layout.gates, some: segment.gate..segment.gate + segment.count }
    }

    /// S*H
    pub fn width(&self) -> usize {
        self.layout.saved * self.units
    }

    /// `rows` `[A, S*H]` = `x` `[A, D]` · kernel + bias, in the blocks that the input feeds.
    #[inline(never)]
    pub fn project<L: IntegerLanes<Element = E>>(&self, x: Matrix<E>, rows: &mut [E], workspace: &mut [E], mut store: RowStore<E>) {
        let Self { layout, units, kernel, block_bias, .. } = *self;
        for segment in layout.input {
            let length = segment.count * units;
            let bias = block_bias.map(|bias| &bias[segment.block * units..][..length]);
            let mut out = MatrixMut::columns_of(rows, x.rows(), self.width(), segment.block * units, length);
            kernel.multiply::<L>(self.gates(segment), &mut out, x, Start::from_bias(bias), workspace, store.reborrow());
        }
    }

    /// `row` `[S*H]` = row `id` of the kernel + bias, in the blocks that the input feeds. A row of
    /// a quantised kernel is first written to `storage` `[G*H]`, as floats.
    #[inline(never)]
    pub fn copy_kernel_row<L: IntegerLanes<Element = E>>(&self, id: usize, row: &mut [E], storage: &mut [E]) {
        let Self { layout, units, kernel, block_bias, .. } = *self;
        let length = layout.gates * units;
        let source = kernel.row::<L>(id, length, storage);
        for segment in layout.input {
            let length = segment.count * units;
            let source = &source[segment.gate * units..][..length];
            let target = &mut row[segment.block * units..][..length];
            match block_bias {
                None => target.copy_from_slice(source),
                Some(bias) => {
                    for ((target, &element), &bias) in target.iter_mut().zip(source).zip(&bias[segment.block * units..]) {
                        *target = element + bias;
                    }
                }
            }
        }
    }

    /// Writes the bias, or zeros, to the blocks of `rows` `[A, S*H]` that the input does not feed.
    pub fn fill_other_blocks(&self, rows: &mut [E]) {
        let Self { layout, units, block_bias, .. } = *self;
        for block in 0..layout.saved {
            if layout.input.iter().any(|segment| (segment.block..segment.block + segment.count).contains(&block)) {
                continue;
            }
            for row in rows.chunks_exact_mut(self.width()) {
                let target = &mut row[block * units..][..units];
                match block_bias {
                    Some(bias) => target.copy_from_slice(&bias[block * units..][..units]),
                    None => target.fill(E::ZERO),
                }
            }
        }
    }
}

impl<'a, E: Element> InputWeights<'a, E, FloatKernel<'a, E>> {
    /// The kernel as [`super::pack_weights`] packed it.
    #[inline(never)]
    pub fn packed<L: Lanes<Element = E>>(&self, mut packed: &'a [E]) -> PackedKernel<'a, E> {
        core::array::from_fn(|number| {
            let columns = self.layout.input.get(number)?.count * self.units;
            let (matrix, rest) = packed.split_at(PackedMatrix::length::<L>(self.features, columns));
            packed = rest;
            Some(PackedMatrix::of::<L>(matrix, self.features, columns))
        })
    }

    /// Packs the kernel, each segment for its own product, into `storage` of length
    /// [`packed_length`].
    pub fn pack<L: Lanes<Element = E>>(&self, mut storage: &'a mut [E]) -> PackedKernel<'a, E> {
        core::array::from_fn(|number| {
            let columns = self.gates(self.layout.input.get(number)?).of(self.kernel.floats);
            Some(PackedMatrix::pack::<L>(columns, take(&mut storage, PackedMatrix::length::<L>(columns.rows(), columns.columns()))))
        })
    }
}
