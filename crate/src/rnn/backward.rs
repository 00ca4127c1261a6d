//! The walk back through the steps, then the gradients of the weights.

use super::forward::take;
use super::input_gradient::{self, InputGradient};
use super::pointwise::{backward_row, reset_backward_row};
use super::schedule::Schedule;
use super::{Backward, Cell, Shape, WorkspaceLengths};
use crate::gemm::{self, Matrix, MatrixMut, Prepared, Start};
use crate::lanes::{Element, Lanes, add};
use core::array::from_fn;

/// Parts of the float workspace, in order.
struct Parts {
    /// `[B, H]`: gradients of one state.
    gradient: usize,
    /// `[B, H]`: the initial states that were not given.
    zeros: usize,
    /// `[S*H]`: sums of the gradients of the pre-activations.
    block_sums: usize,
    /// The recurrent kernel's columns of the first product, transposed and packed.
    recurrent: usize,
    /// Of the product after the reset.
    after_reset: usize,
    /// `[P, H]`: the left side of the product after the reset, of all steps.
    reset: usize,
    products: usize,
}

impl Parts {
    fn new<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(shape: Shape) -> Self {
        let Shape { batch, units, .. } = shape;
        let d_recurrent = gemm::workspace_length::<L>(units, shape.positions(), C::RECURRENT_GATES * units);
        Self {
            gradient: batch * units,
            zeros: batch * units,
            block_sums: SAVED * units,
            recurrent: Prepared::length::<L>(C::RECURRENT_GATES * units, units, shape.positions()),
            after_reset: if C::RESET { Prepared::length::<L>(units, units, shape.positions()) } else { 0 },
            reset: if C::RESET { shape.positions() * units } else { 0 },
            products: d_recurrent.max(input_gradient::workspace_length::<L>(shape, C::GATES)),
        }
    }
}

/// Lengths of the workspaces of [`backward`].
pub fn backward_workspace<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(shape: Shape) -> WorkspaceLengths {
    let parts = Parts::new::<L, C, STATES, SAVED>(shape);
    let Parts { gradient, zeros, block_sums, recurrent, after_reset, reset, products } = parts;
    WorkspaceLengths {
        floats: STATES * gradient + zeros + block_sums + recurrent + after_reset + reset + products,
        integers: Schedule::length(shape) + input_gradient::integers(shape),
    }
}

/// Back-propagation through time, see [`crate::descriptors::SequenceBackward`].
pub fn backward<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(
    cell: C,
    arguments: Backward<'_, L::Element, STATES>,
) {
    let zero = L::Element::ZERO;
    let Backward { shape, truncate, mask, recurrent_kernel, initial, saved, states, d_output, d_final, zero_output, .. } = arguments;
    let (mut storage, integers) = (arguments.workspace, arguments.integers);
    let Shape { steps, batch, units, .. } = shape;
    let size = batch * units;
    let width = SAVED * units;
    let parts = Parts::new::<L, C, STATES, SAVED>(shape);
    let (schedule, input_integers) = integers.split_at_mut(Schedule::length(shape));
    let schedule = Schedule::new(shape, arguments.reverse, mask, schedule);

    let mut gradients: [&mut [L::Element]; STATES] = from_fn(|_| take(&mut storage, parts.gradient));
    for (gradient, d_final) in gradients.iter_mut().zip(d_final) {
        match d_final {
            Some(d_final) => gradient.copy_from_slice(d_final),
            None => gradient.fill(zero),
        }
    }
    let zeros = take(&mut storage, parts.zeros);
    zeros.fill(zero);
    let block_sums = take(&mut storage, parts.block_sums);
    block_sums.fill(zero);
    let all_gates = C::GATES * units;
    let first_gates = C::RECURRENT_GATES * units;
    let first = Matrix::columns_of(recurrent_kernel, units, all_gates, 0, first_gates).transposed();
    let first = Prepared::new::<L>(first, schedule.valid(), take(&mut storage, parts.recurrent));
    let after_reset = take(&mut storage, parts.after_reset);
    let after_reset = C::RESET.then(|| {
        let last = Matrix::columns_of(recurrent_kernel, units, all_gates, first_gates, units).transposed();
        Prepared::new::<L>(last, schedule.valid(), after_reset)
    });
    let resets = take(&mut storage, parts.reset);

    // Without gradients of single outputs, nothing before the last chunk gets any.
    let only_last_chunk = d_output.is_none() && truncate > 0;
    let first_step = if only_last_chunk { steps.saturating_sub(truncate) } else { 0 };
    for step in (first_step..steps).rev() {
        let valid = schedule.step(step);
        let rows = schedule.rows(valid.clone());
        let saved = &mut saved[valid.start * width..valid.end * width];
        let previous: [&[L::Element]; STATES] = match step {
            0 => from_fn(|n| initial[n].unwrap_or(zeros)),
            _ => from_fn(|n| &states[n][(step - 1) * size..][..size]),
        };
        if let Some(d_output) = d_output {
            let d_output = &d_output[step * size..][..size];
            if zero_output && rows.len() < batch {
                for &row in rows {
                    let start = row as usize * units;
                    add::<L>(&mut gradients[0][start..][..units], &d_output[start..][..units]);
                }
            } else {
                add::<L>(gradients[0], d_output);
            }
        }
        for (saved, &row) in saved.chunks_exact_mut(width).zip(rows) {
            let start = row as usize * units;
            let before = from_fn(|n| &previous[n][start..][..units]);
            let after = from_fn(|n| &states[n][step * size + start..][..units]);
            let gradients = gradients.each_mut().map(|gradient| &mut gradient[start..][..units]);
            backward_row::<L, C, STATES, SAVED>(cell, saved, before, after, gradients);
        }
        if let Some(after_reset) = &after_reset {
            let resets = &mut resets[valid.start * units..valid.end * units];
            let d_last = Matrix::columns_of(saved, rows.len(), width, first_gates, units);
            after_reset.multiply::<L>(&mut MatrixMut::new(resets, rows.len(), units), d_last, Start::Zero, storage);
            for ((saved, reset), &row) in saved.chunks_exact_mut(width).zip(resets.chunks_exact_mut(units)).zip(rows) {
                let start = row as usize * units;
                let d_h = &mut gradients[0][start..][..units];
                reset_backward_row::<L, C, STATES, SAVED>(cell, saved, &previous[0][start..][..units], d_h, reset);
            }
        }
        if arguments.d_bias.is_some() {
            for saved in saved.chunks_exact(width) {
                add::<L>(block_sums, saved);
            }
        }
        let cut = truncate > 0 && step > 0 && (steps - step).is_multiple_of(truncate);
        if cut {
            for gradient in &mut gradients {
                gradient.fill(zero);
            }
        } else if step > 0 || arguments.d_initial[0].is_some() {
            let d_first = Matrix::columns_of(saved, rows.len(), width, 0, first_gates);
            let mut d_h = MatrixMut::new(gradients[0], batch, units).maybe_listed(schedule.some_rows(step));
            first.multiply::<L>(&mut d_h, d_first, Start::Existing, storage);
        }
    }
    for (d_initial, gradient) in arguments.d_initial.into_iter().zip(&gradients) {
        if let Some(d_initial) = d_initial {
            d_initial.copy_from_slice(gradient);
        }
    }
    if let Some(d_bias) = arguments.d_bias {
        spread_bias::<C, _, STATES, SAVED>(block_sums, units, d_bias);
    }

    let valid = schedule.start(first_step)..schedule.valid();
    // The states before the valid steps of processing step 0 are not in `states`.
    let later = schedule.start(first_step.max(1).min(steps))..valid.end;
    let d_saved = &saved[..valid.end * width];
    let d_rows = |valid: core::ops::Range<usize>, first, count| {
        Matrix::columns_of(&d_saved[valid.start * width..], valid.len(), width, first, count)
    };
    let d_recurrent = arguments.d_recurrent_kernel;
    let mut out = MatrixMut::columns_of(d_recurrent, units, all_gates, 0, first_gates);
    let h = Matrix::new(states[0], shape.positions(), units).listed(schedule.previous(later.clone()));
    gemm::multiply::<L>(&mut out, h.transposed(), d_rows(later.clone(), 0, first_gates), Start::Zero, storage);
    if let Some(initial) = initial[0]
        && first_step == 0
    {
        let h = Matrix::new(initial, batch, units).listed(schedule.rows(0..later.start));
        gemm::multiply::<L>(&mut out, h.transposed(), d_rows(0..later.start, 0, first_gates), Start::Existing, storage);
    }
    if C::RESET {
        let mut out = MatrixMut::columns_of(d_recurrent, units, all_gates, first_gates, units);
        let resets = Matrix::new(&resets[valid.start * units..], valid.len(), units);
        gemm::multiply::<L>(&mut out, resets.transposed(), d_rows(valid.clone(), first_gates, units), Start::Zero, storage);
    }
    let input = InputGradient {
        input: arguments.input,
        kernel: arguments.kernel,
        d_kernel: arguments.d_kernel,
        d_x: arguments.d_x,
        d_table: arguments.d_table,
    };
    input.compute::<L, C, STATES, SAVED>(shape, &schedule, valid, saved, input_integers, storage);
}

/// Sums of the blocks `[S*H]` into `[G*H]`, or `[2, G*H]`: each bias gets the sum of the block it reaches.
fn spread_bias<C: Cell<STATES, SAVED>, E: Element, const STATES: usize, const SAVED: usize>(sums: &[E], units: usize, d_bias: &mut [E]) {
    for segment in C::INPUT {
        let length = segment.count * units;
        d_bias[segment.gate * units..][..length].copy_from_slice(&sums[segment.block * units..][..length]);
    }
    if C::RECURRENT_BIAS {
        let length = C::RECURRENT_GATES * units;
        d_bias[C::GATES * units..][..length].copy_from_slice(&sums[..length]);
    }
}
