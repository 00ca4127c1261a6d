//! Gradients of the weights. Those of small layers are computed during the loop of the backward
//! pass, for several hundred valid steps at a time, while the gradients of the pre-activations are
//! still in a cache.

use super::input_gradient::InputGradient;
use super::{Layout, Shape};
use crate::gemm::{self, DEPTH_BLOCK, Matrix, MatrixMut, Start};
use crate::lanes::{Element, Lanes};
use core::ops::Range;

/// Valid steps of one product; more if one processing step has more.
const STEPS_TOGETHER: usize = DEPTH_BLOCK;
/// Gradients are computed during the loop if the recurrent kernel has at most this many elements:
/// 512 KiB of floats. With a larger one, the products would evict it from the second-level cache
/// (LSTM(256) would train 1 % slower), so they are computed after the loop.
const MOST_KERNEL_ON_THE_WAY: usize = 131_072;

/// The gradients of the weights, and what their computation reads.
pub struct WeightGradients<'a, E> {
    /// `[T, B, H]`: h after each processing step.
    pub h: &'a [E],
    /// `[B, H]`: h before the first processing step, zeros when absent.
    pub initial: Option<&'a [E]>,
    /// `[H, G*H]`
    pub d_recurrent_kernel: &'a mut [E],
    /// The gradients of the kernel and of the input.
    pub input: InputGradient<'a, E>,
    /// The valid steps that the loop has computed and whose gradients are not added yet.
    pub pending: Range<usize>,
    /// Whether gradients of any steps were added. The first ones overwrite the buffers.
    pub begun: bool,
}

impl<E: Element> WeightGradients<'_, E> {
    /// Adds the gradients of the pending steps if `step` is the last of the loop, or if the next
    /// one would make them too many. `d_saved` `[N, S*H]`: the gradients of the pre-activations.
    /// `resets` `[N, H]`: the results of [`super::Cell::reset`], if the cell has them.
    pub fn after_step<L: Lanes<Element = E>>(&mut self, step: usize, first_step: usize, d_saved: &[E], resets: &[E], workspace: &mut [E]) {
        let schedule = self.input.schedule;
        self.pending.start = schedule.start(step);
        let on_the_way = self.d_recurrent_kernel.len() <= MOST_KERNEL_ON_THE_WAY;
        let is_last = step == first_step;
        if is_last || on_the_way && self.pending.end - schedule.start(step - 1) > STEPS_TOGETHER {
            self.add::<L>(d_saved, resets, workspace);
            self.pending.end = self.pending.start;
        }
    }

    /// Adds the gradients of the pending steps: products of the states before them, or of the
    /// resets, with the gradients of their pre-activations.
    fn add<L: Lanes<Element = E>>(&mut self, d_saved: &[E], resets: &[E], workspace: &mut [E]) {
        let InputGradient { layout: Layout { gates, saved, recurrent_gates, reset, .. }, shape, schedule, .. } = self.input;
        let Shape { batch, units, .. } = shape;
        let width = saved * units;
        let (all_gates, first_gates) = (gates * units, recurrent_gates * units);
        let d_rows = |valid: Range<usize>, first, count| {
            Matrix::columns_of(&d_saved[valid.start * width..valid.end * width], valid.len(), width, first, count)
        };
        let sum = if self.begun { Start::Existing } else { Start::Zero };
        let Range { start, end } = self.pending.clone();
        // The states before processing step 0 are not in `h`.
        let border = schedule.start(1).clamp(start, end);
        let mut out = MatrixMut::columns_of(self.d_recurrent_kernel, units, all_gates, 0, first_gates);
        let h = Matrix::new(self.h, shape.positions(), units).listed(schedule.previous(border..end));
        gemm::multiply::<L>(&mut out, h.transposed(), d_rows(border..end, 0, first_gates), sum, workspace);
        if let Some(initial) = self.initial
            && start < border
        {
            let h = Matrix::new(initial, batch, units).listed(schedule.rows(start..border));
            gemm::multiply::<L>(&mut out, h.transposed(), d_rows(start..border, 0, first_gates), Start::Existing, workspace);
        }
        if reset {
            let mut out = MatrixMut::columns_of(self.d_recurrent_kernel, units, all_gates, first_gates, units);
            let resets = Matrix::new(&resets[start * units..end * units], end - start, units);
            gemm::multiply::<L>(&mut out, resets.transposed(), d_rows(start..end, first_gates, units), sum, workspace);
        }
        self.input.add::<L>(start..end, d_saved, self.begun, workspace);
        self.begun = true;
    }
}
