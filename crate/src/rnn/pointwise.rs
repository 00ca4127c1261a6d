//! A cell's equations over the units of one row: whole values of lanes, then the units left over.

use super::Cell;
use crate::lanes::Lanes;
use core::array::from_fn;

/// The `C` parts of a row, of `units` each.
#[inline(always)]
fn parts<E, const C: usize>(row: &mut [E], units: usize) -> [&mut [E]; C] {
    let mut rest = row;
    from_fn(|_| {
        let (part, others) = core::mem::take(&mut rest).split_at_mut(units);
        rest = others;
        part
    })
}

#[inline(always)]
fn load<L: Lanes, const PARTIAL: bool>(source: &[L::Element], unit: usize) -> L {
    if PARTIAL { L::load_partial(&source[unit..]) } else { L::load(&source[unit..]) }
}

#[inline(always)]
fn store<L: Lanes, const PARTIAL: bool>(value: L, target: &mut [L::Element], unit: usize) {
    if PARTIAL { value.store_partial(&mut target[unit..]) } else { value.store(&mut target[unit..]) }
}

/// Runs `$at::<PARTIAL>(unit)` over `$units` units. The slices that it is given have this very
/// length, so that the compiler sees that they are long enough.
macro_rules! over_units {
    ($units:expr, $at:ident::<$($generic:ty),+>($($argument:expr),+)) => {{
        let units = $units;
        let mut unit = 0;
        while units - unit >= L::WIDTH {
            $at::<$($generic),+, STATES, SAVED, false>($($argument),+, unit);
            unit += L::WIDTH;
        }
        if unit < units {
            $at::<$($generic),+, STATES, SAVED, true>($($argument),+, unit);
        }
    }};
}

/// `saved` `[S*H]` from pre-activations to saved numbers; `current` `[H]` each from `previous`.
#[inline(always)]
pub fn forward_row<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(
    cell: C,
    saved: &mut [L::Element],
    previous: [&[L::Element]; STATES],
    current: [&mut [L::Element]; STATES],
) {
    let units = previous[0].len();
    let mut blocks = parts::<_, SAVED>(saved, units);
    let previous = previous.map(|state| &state[..units]);
    let mut current = current.map(|state| &mut state[..units]);
    over_units!(units, forward_at::<L, C>(cell, &mut blocks, &previous, &mut current));
}

#[inline(always)]
fn forward_at<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize, const PARTIAL: bool>(
    cell: C,
    blocks: &mut [&mut [L::Element]; SAVED],
    previous: &[&[L::Element]; STATES],
    current: &mut [&mut [L::Element]; STATES],
    unit: usize,
) {
    let (saved, states) =
        cell.forward::<L>(from_fn(|b| load::<L, PARTIAL>(blocks[b], unit)), from_fn(|n| load::<L, PARTIAL>(previous[n], unit)));
    for (block, value) in blocks.iter_mut().zip(saved) {
        store::<L, PARTIAL>(value, block, unit);
    }
    for (state, value) in current.iter_mut().zip(states) {
        store::<L, PARTIAL>(value, state, unit);
    }
}

/// `saved` `[S*H]` to gradients of the pre-activations; `gradients` `[H]` each from those of the
/// states after to the direct part of those before.
#[inline(always)]
pub fn backward_row<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(
    cell: C,
    saved: &mut [L::Element],
    previous: [&[L::Element]; STATES],
    current: [&[L::Element]; STATES],
    gradients: [&mut [L::Element]; STATES],
) {
    let units = previous[0].len();
    let mut blocks = parts::<_, SAVED>(saved, units);
    let [previous, current] = [previous, current].map(|states| states.map(|state| &state[..units]));
    let mut gradients = gradients.map(|gradient| &mut gradient[..units]);
    over_units!(units, backward_at::<L, C>(cell, &mut blocks, &previous, &current, &mut gradients));
}

#[inline(always)]
fn backward_at<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize, const PARTIAL: bool>(
    cell: C,
    blocks: &mut [&mut [L::Element]; SAVED],
    previous: &[&[L::Element]; STATES],
    current: &[&[L::Element]; STATES],
    gradients: &mut [&mut [L::Element]; STATES],
    unit: usize,
) {
    let (d_blocks, d_previous) = cell.backward::<L>(
        from_fn(|b| load::<L, PARTIAL>(blocks[b], unit)),
        from_fn(|n| load::<L, PARTIAL>(previous[n], unit)),
        from_fn(|n| load::<L, PARTIAL>(current[n], unit)),
        from_fn(|n| load::<L, PARTIAL>(gradients[n], unit)),
    );
    for (block, value) in blocks.iter_mut().zip(d_blocks) {
        store::<L, PARTIAL>(value, block, unit);
    }
    for (gradient, value) in gradients.iter_mut().zip(d_previous) {
        store::<L, PARTIAL>(value, gradient, unit);
    }
}

/// [`Cell::reset`]: `product` `[H]` from the gates and `h` `[H]`.
#[inline(always)]
pub fn reset_row<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(
    cell: C,
    saved: &mut [L::Element],
    h: &[L::Element],
    product: &mut [L::Element],
) {
    let units = h.len();
    let mut blocks = parts::<_, SAVED>(saved, units);
    let product = &mut product[..units];
    over_units!(units, reset_at::<L, C>(cell, &mut blocks, h, &mut *product));
}

#[inline(always)]
fn reset_at<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize, const PARTIAL: bool>(
    cell: C,
    blocks: &mut [&mut [L::Element]; SAVED],
    h: &[L::Element],
    product: &mut [L::Element],
    unit: usize,
) {
    let (saved, value) = cell.reset::<L>(from_fn(|b| load::<L, PARTIAL>(blocks[b], unit)), load::<L, PARTIAL>(h, unit));
    for (block, value) in blocks.iter_mut().zip(saved) {
        store::<L, PARTIAL>(value, block, unit);
    }
    store::<L, PARTIAL>(value, product, unit);
}

/// [`Cell::reset_backward`]: completes `saved`, adds to `d_h` `[H]`, and turns `product` `[H]` from
/// the gradient of `reset`'s result into the result.
#[inline(always)]
pub fn reset_backward_row<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(
    cell: C,
    saved: &mut [L::Element],
    h: &[L::Element],
    d_h: &mut [L::Element],
    product: &mut [L::Element],
) {
    let units = h.len();
    let mut blocks = parts::<_, SAVED>(saved, units);
    let [d_h, product] = [d_h, product].map(|values| &mut values[..units]);
    over_units!(units, reset_backward_at::<L, C>(cell, &mut blocks, h, &mut *d_h, &mut *product));
}

#[inline(always)]
fn reset_backward_at<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize, const PARTIAL: bool>(
    cell: C,
    blocks: &mut [&mut [L::Element]; SAVED],
    h: &[L::Element],
    d_h: &mut [L::Element],
    product: &mut [L::Element],
    unit: usize,
) {
    let (saved, d_h_part, value) = cell.reset_backward::<L>(
        from_fn(|b| load::<L, PARTIAL>(blocks[b], unit)),
        load::<L, PARTIAL>(h, unit),
        load::<L, PARTIAL>(product, unit),
    );
    for (block, value) in blocks.iter_mut().zip(saved) {
        store::<L, PARTIAL>(value, block, unit);
    }
    store::<L, PARTIAL>(load::<L, PARTIAL>(d_h, unit).add(d_h_part), d_h, unit);
    store::<L, PARTIAL>(value, product, unit);
}
