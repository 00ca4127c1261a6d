//! The loop over the steps of the forward pass.

use super::input::{self, Projection, ProjectionBuffers};
use super::input_weights::InputWeights;
use super::kernel::{Gates, Kernel};
use super::schedule::Schedule;
use super::state_steps::StateSteps;
use super::workspace::take;
use super::{CellRows, Forward, Layout, Shape, WorkspaceLengths};
use crate::gemm::{Matrix, MatrixMut, Prepared, RowStore, Start};
use crate::lanes::{Element, IntegerLanes, Lanes};
use core::array::from_fn;

/// Parts of the float workspace, in order.
struct Parts {
    /// `[S*H]`: for each block of a saved row, the sum of its biases.
    block_bias: usize,
    /// `[B, H]`: zeros, for initial states that are absent.
    zeros: usize,
    /// The columns of the recurrent kernel that are multiplied by h, packed.
    recurrent: usize,
    /// The columns of the recurrent kernel for the product after the reset, packed.
    after_reset: usize,
    /// `[B, H]`: the left side of the product after the reset.
    reset: usize,
    /// `[capacity, S*H]`: the projected rows of a table.
    projection: usize,
    /// The kernel, packed.
    kernel: usize,
    /// Without a backward pass, `[A, S*H]`: the saved rows of a group of steps.
    saved: usize,
    /// Without a backward pass, `[B, H]` for each state.
    spare: usize,
    products: usize,
    /// For quantised kernels: the scales of the rows of left sides.
    row_scales: usize,
}

impl Parts {
    fn new<'a, L: Lanes, K: Kernel<'a, L::Element>>(layout: Layout, shape: Shape, with_backward: bool) -> Self {
        let Shape { batch, units, .. } = shape;
        let packed_rows = if K::QUANTISED { 0 } else { shape.positions() };
        Self {
            block_bias: if layout.blocks_are_gates() { 0 } else { layout.saved * units },
            zeros: batch * units,
            recurrent: Prepared::length::<L>(units, layout.recurrent_gates * units, packed_rows),
            after_reset: if layout.reset { Prepared::length::<L>(units, units, packed_rows) } else { 0 },
            reset: if layout.reset { batch * units } else { 0 },
            projection: input::projection_length(layout, shape, with_backward),
            kernel: input::kernel_length::<L, K>(layout, shape),
            saved: if with_backward { 0 } else { input::most_saved_rows(shape) * layout.saved * units },
            spare: if with_backward { 0 } else { layout.states * batch * units },
            products: input::workspace_length::<L, K>(layout, shape),
            row_scales: row_store::<L, K>(shape).0,
        }
    }
}

/// Floats and integers that quantised kernels need for the left sides of products.
fn row_store<'a, L: Lanes, K: Kernel<'a, L::Element>>(shape: Shape) -> (usize, usize) {
    if !K::QUANTISED {
        return (0, 0);
    }
    RowStore::<f32>::lengths(shape.positions().max(shape.vocabulary), shape.features.max(shape.units))
}

/// Lengths of the workspaces of [`forward`]. `with_backward`: whether a backward pass follows.
pub fn forward_workspace<'a, L: Lanes, K: Kernel<'a, L::Element>>(layout: Layout, shape: Shape, with_backward: bool) -> WorkspaceLengths {
    let parts = Parts::new::<L, K>(layout, shape, with_backward);
    let Parts { block_bias, zeros, recurrent, after_reset, reset, projection, kernel, saved, spare, products, row_scales } = parts;
    WorkspaceLengths {
        // A length beyond the address space is refused when memory is planned.
        floats: [block_bias, zeros, recurrent, after_reset, reset, projection, kernel, saved, spare, products, row_scales]
            .into_iter()
            .fold(0, usize::saturating_add),
        integers: Schedule::length(shape) + input::integers(shape) + row_store::<L, K>(shape).1,
    }
}

/// A whole sequence through one recurrent layer, see [`crate::descriptors::SequenceForward`].
pub fn forward<'a, L: IntegerLanes, K: Kernel<'a, L::Element>, const STATES: usize>(
    cell: &dyn CellRows<L::Element, STATES>,
    arguments: Forward<'a, L::Element, K, STATES>,
) {
    let Forward { shape, reverse, input, mask, kernel, recurrent_kernel, bias, initial, saved, states, mut y, .. } = arguments;
    let (mut storage, integers) = (arguments.workspace, arguments.integers);
    let Shape { steps, batch, units, .. } = shape;
    let size = batch * units;
    let layout = cell.layout();
    let width = layout.saved * units;
    let with_backward = saved.is_some();
    let parts = Parts::new::<L, K>(layout, shape, with_backward);
    let (schedule, input_integers) = integers.split_at_mut(Schedule::length(shape));
    let schedule = Schedule::new(shape, reverse, mask, schedule);
    let (input_integers, row_words) = input_integers.split_at_mut(input::integers(shape));
    let mut store = RowStore::new(take(&mut storage, parts.row_scales), row_words);

    let block_bias = take(&mut storage, parts.block_bias);
    let block_bias = bias.map(|bias| arrange_bias(layout, bias, units, block_bias));
    let zeros = take(&mut storage, parts.zeros);
    if initial.iter().any(Option::is_none) {
        zeros.fill(L::Element::ZERO);
    }
    let first_gates = layout.recurrent_gates * units;
    let step_kernel = |some, storage| {
        let gates = Gates { depth: units, units, all: layout.gates, some };
        recurrent_kernel.prepare::<L>(gates, schedule.valid(), storage)
    };
    let first = step_kernel(0..layout.recurrent_gates, take(&mut storage, parts.recurrent));
    let after_reset = take(&mut storage, parts.after_reset);
    let after_reset = layout.reset.then(|| step_kernel(layout.recurrent_gates..layout.recurrent_gates + 1, after_reset));
    let reset = take(&mut storage, parts.reset);
    let weights = InputWeights { layout, features: shape.features, units, kernel, block_bias };
    let buffers = ProjectionBuffers {
        projection: take(&mut storage, parts.projection),
        kernel: take(&mut storage, parts.kernel),
        integers: input_integers,
    };
    let saved = match saved {
        Some(saved) => saved,
        None => take(&mut storage, parts.saved),
    };
    let mut spare = take(&mut storage, parts.spare);
    let mut states = states.map(|state| StateSteps::new(state, take(&mut spare, parts.spare / STATES), steps, size));
    let projection = Projection::new::<L, K>(input, shape, &schedule, &weights, buffers, storage, store.reborrow());
    let group_rows = if with_backward { schedule.valid() } else { projection.group_rows() };
    // The valid steps whose saved rows are in memory, and the first processing step after them.
    let (mut group, mut group_end) = (0..0, 0);

    for step in 0..steps {
        if step == group_end {
            group_end = schedule.group_end(step, group_rows);
            group = schedule.start(step)..schedule.start(group_end);
            projection.begin_group::<L, K>(group.clone(), &weights, saved, storage, store.reborrow());
        }
        let valid = schedule.step(step);
        let rows = schedule.rows(valid.clone());
        let saved = &mut saved[(valid.start - group.start) * width..(valid.end - group.start) * width];
        let states = states.each_mut().map(|state| state.at(step));
        let previous: [&[L::Element]; STATES] = from_fn(|n| states[n].0.or(initial[n]).unwrap_or(zeros));
        let mut current = states.map(|(_, after)| after);

        let multiplies = step > 0 || initial[0].is_some();
        let by_product = if multiplies { first_gates } else { 0 };
        let start =
            projection.begin_step::<L, K>((valid.clone(), schedule.inputs(valid)), &weights, saved, by_product, storage, store.reborrow());
        if multiplies {
            let h = Matrix::new(previous[0], batch, units).maybe_listed(schedule.some_rows(step));
            let mut out = MatrixMut::columns_of(saved, rows.len(), width, 0, first_gates);
            K::multiply_step::<L>(&first, &mut out, h, start, store.reborrow());
        }
        if let Some(after_reset) = &after_reset {
            let reset = &mut reset[..rows.len() * units];
            cell.reset(units, rows, saved, previous[0], reset);
            let mut out = MatrixMut::columns_of(saved, rows.len(), width, first_gates, units);
            K::multiply_step::<L>(after_reset, &mut out, Matrix::new(reset, rows.len(), units), Start::Existing.into(), store.reborrow());
        }
        cell.forward(units, rows, with_backward, saved, previous, &mut current);

        let input_step = if reverse { steps - 1 - step } else { step };
        let is_valid = |row: usize| mask.is_none_or(|mask| mask[input_step * batch + row] != 0);
        if rows.len() < batch {
            for row in (0..batch).filter(|&row| !is_valid(row)) {
                for (state, previous) in current.iter_mut().zip(previous) {
                    state[row * units..][..units].copy_from_slice(&previous[row * units..][..units]);
                }
            }
        }
        if let Some(y) = &mut y {
            let y = &mut y[step * size..][..size];
            for (row, (y, h)) in y.chunks_exact_mut(units).zip(current[0].chunks_exact(units)).enumerate() {
                if is_valid(row) { y.copy_from_slice(h) } else { y.fill(L::Element::ZERO) }
            }
        }
    }
}

/// Sums the biases of each block: from `bias`, `[G*H]` or `[2, G*H]`, to `target`, `[S*H]`. Returns
/// `target`, or `bias` itself if blocks and gates are the same.
fn arrange_bias<'a, E: Element>(layout: Layout, bias: &'a [E], units: usize, target: &'a mut [E]) -> &'a [E] {
    if layout.blocks_are_gates() {
        return bias;
    }
    target.fill(E::ZERO);
    for segment in layout.input {
        let length = segment.count * units;
        target[segment.block * units..][..length].copy_from_slice(&bias[segment.gate * units..][..length]);
    }
    if layout.recurrent_bias {
        let recurrent = &bias[layout.gates * units..][..layout.recurrent_gates * units];
        for (target, &element) in target.iter_mut().zip(recurrent) {
            *target += element;
        }
    }
    target
}
