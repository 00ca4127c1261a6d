//! Gradients of the weights. Those of small layers are added up on the way back through the steps:
//! the products of some hundred steps at a time, while the gradients of their pre-activations are
//! still in a cache.

use super::input_gradient::InputGradient;
use super::{Layout, Shape};
use crate::gemm::{self, DEPTH_BLOCK, Matrix, MatrixMut, Start};
use crate::lanes::{Element, Lanes};
use core::ops::Range;

/// Valid steps whose products are computed together, unless one step of all sequences has more.
const STEPS_TOGETHER: usize = DEPTH_BLOCK;
/// Elements of the recurrent kernel up to which that is done on the way: 512 KiB of floats. The
/// products of a larger one would push it out of the second-level cache (LSTM(256) trains 1 %
/// slower), so they wait for the end of the walk.
const MOST_KERNEL_ON_THE_WAY: usize = 131_072;

/// Where the gradients go, and what they need.
pub struct WeightGradients<'a, E> {
    /// `[T, B, H]`: h after each processing step.
    pub h: &'a [E],
    /// `[B, H]`: h before the first, zeros when absent.
    pub initial: Option<&'a [E]>,
    /// `[H, G*H]`
    pub d_recurrent_kernel: &'a mut [E],
    /// The kernel's and the input's.
    pub input: InputGradient<'a, E>,
    /// The valid steps that were walked back through and not yet added up.
    pub pending: Range<usize>,
    /// Whether any steps were added up: the first overwrite what the gradients held.
    pub begun: bool,
}

impl<E: Element> WeightGradients<'_, E> {
    /// Adds the pending steps when the walk back ends with `step`, or when the step it comes to
    /// next would make them too many. `d_saved` `[P, S*H]`: the gradients of the pre-activations;
    /// `resets` `[P, H]`: results of [`super::Cell::reset`], if there are such.
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

    /// Adds the pending steps: the products of the states before them, or of the resets, with the
    /// gradients of their pre-activations.
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
