//! The loop over the steps of the backward pass.

use super::input_gradient::{self, InputGradient};
use super::schedule::Schedule;
use super::weight_gradients::WeightGradients;
use super::workspace::take;
use super::{Backward, CellRows, Layout, Shape, WorkspaceLengths};
use crate::gemm::{self, Matrix, MatrixMut, Prepared, Start};
use crate::lanes::{Element, Lanes, add};
use core::array::from_fn;

/// Parts of the float workspace, in order.
struct Parts {
    /// `[B, H]`: gradients of one state.
    gradient: usize,
    /// `[B, H]`: zeros, for initial states that are absent.
    zeros: usize,
    /// `[S*H]`: sums of the gradients of the pre-activations.
    block_sums: usize,
    /// The columns of the recurrent kernel that are multiplied by h, transposed and packed.
    recurrent: usize,
    /// The columns of the recurrent kernel for the product after the reset, transposed and packed.
    after_reset: usize,
    /// `[N, H]`: the left side of the product after the reset, for all valid steps.
    reset: usize,
    products: usize,
}

impl Parts {
    fn new<L: Lanes>(layout: Layout, shape: Shape) -> Self {
        let Shape { batch, units, .. } = shape;
        let d_recurrent = gemm::workspace_length::<L>(units, shape.positions(), layout.recurrent_gates * units);
        Self {
            gradient: batch * units,
            zeros: batch * units,
            block_sums: layout.saved * units,
            recurrent: Prepared::length::<L>(layout.recurrent_gates * units, units, shape.positions()),
            after_reset: if layout.reset { Prepared::length::<L>(units, units, shape.positions()) } else { 0 },
            reset: if layout.reset { shape.positions() * units } else { 0 },
            products: d_recurrent.max(input_gradient::workspace_length::<L>(layout, shape)),
        }
    }
}

/// Lengths of the workspaces of [`backward`].
pub fn backward_workspace<L: Lanes>(layout: Layout, shape: Shape) -> WorkspaceLengths {
    let parts = Parts::new::<L>(layout, shape);
    let Parts { gradient, zeros, block_sums, recurrent, after_reset, reset, products } = parts;
    WorkspaceLengths {
        floats: layout.states * gradient + zeros + block_sums + recurrent + after_reset + reset + products,
        integers: Schedule::length(shape) + input_gradient::integers(shape),
    }
}

/// Back-propagation through time, see [`crate::descriptors::SequenceBackward`].
pub fn backward<L: Lanes, const STATES: usize>(cell: &dyn CellRows<L::Element, STATES>, arguments: Backward<'_, L::Element, STATES>) {
    let zero = L::Element::ZERO;
    let Backward { shape, truncate, mask, recurrent_kernel, initial, saved, states, d_output, d_final, zero_output, .. } = arguments;
    let (mut storage, integers) = (arguments.workspace, arguments.integers);
    let Shape { steps, batch, units, .. } = shape;
    let size = batch * units;
    let layout = cell.layout();
    let width = layout.saved * units;
    let parts = Parts::new::<L>(layout, shape);
    let (schedule, input_integers) = integers.split_at_mut(Schedule::length(shape));
    let schedule = Schedule::new(shape, arguments.reverse, mask, schedule);

    let mut d_states: [&mut [L::Element]; STATES] = from_fn(|_| take(&mut storage, parts.gradient));
    for (gradient, d_final) in d_states.iter_mut().zip(d_final) {
        match d_final {
            Some(d_final) => gradient.copy_from_slice(d_final),
            None => gradient.fill(zero),
        }
    }
    let zeros = take(&mut storage, parts.zeros);
    zeros.fill(zero);
    let block_sums = take(&mut storage, parts.block_sums);
    block_sums.fill(zero);
    let all_gates = layout.gates * units;
    let first_gates = layout.recurrent_gates * units;
    let first = Matrix::columns_of(recurrent_kernel, units, all_gates, 0, first_gates).transposed();
    let first = Prepared::new::<L>(first, schedule.valid(), take(&mut storage, parts.recurrent));
    let after_reset = take(&mut storage, parts.after_reset);
    let after_reset = layout.reset.then(|| {
        let last = Matrix::columns_of(recurrent_kernel, units, all_gates, first_gates, units).transposed();
        Prepared::new::<L>(last, schedule.valid(), after_reset)
    });
    let resets = take(&mut storage, parts.reset);

    // If only the last state has a gradient, all gradients before the last chunk are zero.
    let only_last_chunk = d_output.is_none() && truncate > 0;
    let first_step = if only_last_chunk { steps.saturating_sub(truncate) } else { 0 };
    let mut weight_gradients = WeightGradients {
        h: states[0],
        initial: initial[0],
        d_recurrent_kernel: arguments.d_recurrent_kernel,
        input: InputGradient {
            layout,
            shape,
            schedule,
            input: arguments.input,
            kernel: arguments.kernel,
            d_kernel: arguments.d_kernel,
            d_x: arguments.d_x,
            d_table: arguments.d_table,
        },
        pending: schedule.valid()..schedule.valid(),
        begun: false,
    };
    for step in (first_step..steps).rev() {
        let valid = schedule.step(step);
        let rows = schedule.rows(valid.clone());
        let saved_rows = &mut saved[valid.start * width..valid.end * width];
        let previous: [&[L::Element]; STATES] = match step {
            0 => from_fn(|n| initial[n].unwrap_or(zeros)),
            _ => from_fn(|n| &states[n][(step - 1) * size..][..size]),
        };
        if let Some(d_output) = d_output {
            let d_output = &d_output[step * size..][..size];
            if zero_output && rows.len() < batch {
                for &row in rows {
                    let start = row as usize * units;
                    add::<L>(&mut d_states[0][start..][..units], &d_output[start..][..units]);
                }
            } else {
                add::<L>(d_states[0], d_output);
            }
        }
        let current = from_fn(|n| &states[n][step * size..][..size]);
        cell.backward(units, rows, saved_rows, previous, current, &mut d_states);
        if let Some(after_reset) = &after_reset {
            let resets = &mut resets[valid.start * units..valid.end * units];
            let d_last = Matrix::columns_of(saved_rows, rows.len(), width, first_gates, units);
            after_reset.multiply::<L>(&mut MatrixMut::new(resets, rows.len(), units), d_last, Start::Zero, storage);
            cell.reset_backward(units, rows, saved_rows, previous[0], d_states[0], resets);
        }
        if arguments.d_bias.is_some() {
            for row in saved_rows.chunks_exact(width) {
                add::<L>(block_sums, row);
            }
        }
        let cut = truncate > 0 && step > 0 && (steps - step).is_multiple_of(truncate);
        if cut {
            for gradient in &mut d_states {
                gradient.fill(zero);
            }
        } else if step > 0 || arguments.d_initial[0].is_some() {
            let d_first = Matrix::columns_of(saved_rows, rows.len(), width, 0, first_gates);
            let mut d_h = MatrixMut::new(d_states[0], batch, units).maybe_listed(schedule.some_rows(step));
            first.multiply::<L>(&mut d_h, d_first, Start::Existing, storage);
        }
        weight_gradients.after_step::<L>(step, first_step, saved, resets, storage);
    }
    for (d_initial, gradient) in arguments.d_initial.into_iter().zip(&d_states) {
        if let Some(d_initial) = d_initial {
            d_initial.copy_from_slice(gradient);
        }
    }
    if let Some(d_bias) = arguments.d_bias {
        spread_bias(layout, block_sums, units, d_bias);
    }

    let valid = schedule.start(first_step)..schedule.valid();
    weight_gradients.input.finish::<L>(valid, saved, input_integers, storage);
}

/// Copies the sums of the blocks, `sums` `[S*H]`, to `d_bias` `[G*H]` or `[2, G*H]`. Each bias gets
/// the sum of the block that it is added to.
fn spread_bias<E: Element>(layout: Layout, sums: &[E], units: usize, d_bias: &mut [E]) {
    for segment in layout.input {
        let length = segment.count * units;
        d_bias[segment.gate * units..][..length].copy_from_slice(&sums[segment.block * units..][..length]);
    }
    if layout.recurrent_bias {
        let length = layout.recurrent_gates * units;
        d_bias[layout.gates * units..][..length].copy_from_slice(&sums[..length]);
    }
}
