//! A cell's equations over the rows of a step, behind one trait object. So the driver is compiled
//! once for all cells with the same number of states and all activations.

use super::pointwise::{self, Rest, Vectors, parts};
use super::{Cell, Layout};
use crate::lanes::{Lanes, fetch};
use core::marker::PhantomData;

/// A cell's equations for A valid steps. `rows[a]` is the sequence of saved row a. `saved` is
/// `[A, S*H]`, and each state and each gradient of a state is `[B, H]`.
pub trait CellRows<E, const STATES: usize> {
    /// The layout of the cell.
    fn layout(&self) -> Layout;

    /// Computes the states after the step from the pre-activations. If `keeps`, it also overwrites
    /// the pre-activations with the saved numbers.
    fn forward(&self, units: usize, rows: &[u32], keeps: bool, saved: &mut [E], previous: [&[E]; STATES], current: &mut [&mut [E]; STATES]);

    /// Overwrites the saved numbers with the gradients of the pre-activations, and `gradients` of
    /// the states after the step with the gradients of the states before it, without the part that
    /// goes through the recurrent product.
    fn backward(
        &self,
        units: usize,
        rows: &[u32],
        saved: &mut [E],
        previous: [&[E]; STATES],
        current: [&[E]; STATES],
        gradients: &mut [&mut [E]; STATES],
    );

    /// [`Cell::reset`]: writes `product` `[A, H]`, computed from the gates and `h`.
    fn reset(&self, units: usize, rows: &[u32], saved: &mut [E], h: &[E], product: &mut [E]);

    /// [`Cell::reset_backward`]: completes the gradients in `saved`, adds to `d_h`, and overwrites
    /// `product` `[A, H]`, the gradient of the result of `reset`, with the result.
    fn reset_backward(&self, units: usize, rows: &[u32], saved: &mut [E], h: &[E], d_h: &mut [E], product: &mut [E]);
}

/// The equations of cell `C` over rows, computed in lanes `L`.
pub struct RowsOf<L, C, const SAVED: usize> {
    cell: C,
    lanes: PhantomData<L>,
}

impl<L, C, const SAVED: usize> RowsOf<L, C, SAVED> {
    /// The rows of `cell`.
    pub fn new(cell: C) -> Self {
        Self { cell, lanes: PhantomData }
    }
}

impl<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize> CellRows<L::Element, STATES> for RowsOf<L, C, SAVED> {
    fn layout(&self) -> Layout {
        const { assert!(C::LAYOUT.fits(STATES, SAVED)) };
        C::LAYOUT
    }

    fn forward(
        &self,
        units: usize,
        rows: &[u32],
        keeps: bool,
        saved: &mut [L::Element],
        previous: [&[L::Element]; STATES],
        current: &mut [&mut [L::Element]; STATES],
    ) {
        if keeps || !C::USUAL {
            self.forward_rows::<STATES, true>(units, rows, saved, previous, current);
        } else {
            self.forward_rows::<STATES, false>(units, rows, saved, previous, current);
        }
    }

    fn backward(
        &self,
        units: usize,
        rows: &[u32],
        saved: &mut [L::Element],
        previous: [&[L::Element]; STATES],
        current: [&[L::Element]; STATES],
        gradients: &mut [&mut [L::Element]; STATES],
    ) {
        let (length, rows) = joined(SAVED, units, rows);
        let mut rest = Rest::new();
        let width = SAVED * length;
        let mut others = saved;
        for &row in rows {
            let (saved, after) = others.split_at_mut(width);
            others = after;
            // The rows that forward wrote are no longer in the cache, and processors do not
            // prefetch short runs of several blocks: without this, training GRU(128) takes 1.03
            // times as long.
            fetch(&others[..width.min(others.len())]);
            let start = row as usize * units;
            let [before, after] = [previous, current].map(|states| states.map(|state| &state[start..][..length]));
            let gradients = gradients.each_mut().map(|gradient| &mut gradient[start..][..length]);
            let row = Vectors { written: parts(saved, length), changed: gradients, read: before, more: after };
            rest.over_units::<L, true, true>(row, |row, units| pointwise::backward::<L, C, STATES, SAVED>(self.cell, row, units));
        }
    }

    fn reset(&self, units: usize, rows: &[u32], saved: &mut [L::Element], h: &[L::Element], product: &mut [L::Element]) {
        let mut rest = Rest::new();
        for ((saved, product), &row) in saved.chunks_exact_mut(SAVED * units).zip(product.chunks_exact_mut(units)).zip(rows) {
            let h = &h[row as usize * units..][..units];
            let row = Vectors { written: parts(saved, units), changed: [product], read: [h], more: [] };
            rest.over_units::<L, true, false>(row, |row, units| pointwise::reset::<L, C, STATES, SAVED>(self.cell, row, units));
        }
    }

    fn reset_backward(
        &self,
        units: usize,
        rows: &[u32],
        saved: &mut [L::Element],
        h: &[L::Element],
        d_h: &mut [L::Element],
        product: &mut [L::Element],
    ) {
        let mut rest = Rest::new();
        for ((saved, product), &row) in saved.chunks_exact_mut(SAVED * units).zip(product.chunks_exact_mut(units)).zip(rows) {
            let start = row as usize * units;
            let row = Vectors {
                written: parts(saved, units),
                changed: [&mut d_h[start..][..units], product],
                read: [&h[start..][..units]],
                more: [],
            };
            rest.over_units::<L, true, true>(row, |row, units| pointwise::reset_backward::<L, C, STATES, SAVED>(self.cell, row, units));
        }
    }
}

/// The number of units of a row, and the rows. Where a saved row has one block, contiguous
/// sequences are handled as one row that has the units of all of them.
fn joined(saved: usize, units: usize, rows: &[u32]) -> (usize, &[u32]) {
    match *rows {
        [first, .., last] if saved == 1 && (last - first) as usize == rows.len() - 1 => (units * rows.len(), &rows[..1]),
        _ => (units, rows),
    }
}

impl<L: Lanes, C, const SAVED: usize> RowsOf<L, C, SAVED> {
    fn forward_rows<const STATES: usize, const KEEPS: bool>(
        &self,
        units: usize,
        rows: &[u32],
        saved: &mut [L::Element],
        previous: [&[L::Element]; STATES],
        current: &mut [&mut [L::Element]; STATES],
    ) where
        C: Cell<STATES, SAVED>,
    {
        let (length, rows) = joined(SAVED, units, rows);
        let mut rest = Rest::new();
        for (saved, &row) in saved.chunks_exact_mut(SAVED * length).zip(rows) {
            let start = row as usize * units;
            let before = previous.map(|state| &state[start..][..length]);
            let after = current.each_mut().map(|state| &mut state[start..][..length]);
            let row = Vectors { written: parts(saved, length), changed: after, read: before, more: [] };
            rest.over_units::<L, KEEPS, false>(row, |row, units| pointwise::forward::<L, C, STATES, SAVED, KEEPS>(self.cell, row, units));
        }
    }
}
