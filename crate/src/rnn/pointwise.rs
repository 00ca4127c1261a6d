//! A cell's equations over the units of rows, two vectors at a time ([`Lanes::Pair`]).

use super::Cell;
use crate::lanes::{Element, Lanes};
use core::array::from_fn;

/// The largest number of floats in a pair of vectors.
const WIDEST: usize = 8;

/// Floats in a pair of vectors.
const fn width<L: Lanes>() -> usize {
    L::Pair::WIDTH
}

/// Arrays `[H]` of one row: the blocks of a saved row, arrays that are written, and arrays that are
/// only read.
pub struct Vectors<'a, E, const WRITTEN: usize, const CHANGED: usize, const READ: usize, const MORE: usize> {
    pub written: [&'a mut [E]; WRITTEN],
    pub changed: [&'a mut [E]; CHANGED],
    pub read: [&'a [E]; READ],
    pub more: [&'a [E]; MORE],
}

/// A copy of the last units of a row, which do not fill a pair, padded to a pair. So the equations
/// are compiled once, for these units and for all others.
pub struct Rest<E, const WRITTEN: usize, const CHANGED: usize, const READ: usize, const MORE: usize> {
    written: [[E; WIDEST]; WRITTEN],
    changed: [[E; WIDEST]; CHANGED],
    read: [[E; WIDEST]; READ],
    more: [[E; WIDEST]; MORE],
}

impl<E: Element, const WRITTEN: usize, const CHANGED: usize, const READ: usize, const MORE: usize> Rest<E, WRITTEN, CHANGED, READ, MORE> {
    pub fn new() -> Self {
        let zeros = [E::ZERO; WIDEST];
        Self { written: [zeros; WRITTEN], changed: [zeros; CHANGED], read: [zeros; READ], more: [zeros; MORE] }
    }

    /// Calls `run` with the units of a row that fill pairs, then with the others in this copy.
    /// `KEEPS`: `run` writes the blocks. `CHANGES`: `run` reads the `changed` arrays before it
    /// writes them.
    #[inline(always)]
    pub fn over_units<L: Lanes<Element = E>, const KEEPS: bool, const CHANGES: bool>(
        &mut self,
        mut row: Vectors<'_, E, WRITTEN, CHANGED, READ, MORE>,
        run: impl Fn(Vectors<'_, E, WRITTEN, CHANGED, READ, MORE>, usize),
    ) {
        let units = row.read[0].len();
        let whole = units - units % width::<L>();
        let mut in_rest = false;
        // One call in the source for both, so that `run` is compiled once.
        loop {
            let (part, count) = if in_rest {
                let Self { written, changed, read, more } = &mut *self;
                let part = Vectors {
                    written: written.each_mut().map(|vector| &mut vector[..]),
                    changed: changed.each_mut().map(|vector| &mut vector[..]),
                    read: read.each_ref().map(|vector| &vector[..]),
                    more: more.each_ref().map(|vector| &vector[..]),
                };
                (part, width::<L>())
            } else {
                let part = Vectors {
                    written: row.written.each_mut().map(|vector| &mut vector[..whole]),
                    changed: row.changed.each_mut().map(|vector| &mut vector[..whole]),
                    read: row.read.map(|vector| &vector[..whole]),
                    more: row.more.map(|vector| &vector[..whole]),
                };
                (part, whole)
            };
            run(part, count);
            if in_rest {
                if KEEPS {
                    put_back::<L, _>(&self.written, row.written, whole);
                }
                put_back::<L, _>(&self.changed, row.changed, whole);
                return;
            }
            if whole == units {
                return;
            }
            in_rest = true;
            take::<L, _>(&mut self.written, row.written.each_ref().map(|vector| &**vector), whole);
            if CHANGES {
                take::<L, _>(&mut self.changed, row.changed.each_ref().map(|vector| &**vector), whole);
            }
            take::<L, _>(&mut self.read, row.read, whole);
            take::<L, _>(&mut self.more, row.more, whole);
        }
    }
}

/// Copies the elements from `first` on, which are fewer than a pair has.
#[inline(always)]
fn take<L: Lanes, const C: usize>(rest: &mut [[L::Element; WIDEST]; C], vectors: [&[L::Element]; C], first: usize) {
    for (rest, vector) in rest.iter_mut().zip(vectors) {
        let source = &vector[first..];
        let mut done = 0;
        if source.len() >= L::WIDTH {
            L::load(source).store(rest);
            done = L::WIDTH;
        }
        if source.len() > done {
            take_few::<L>(&mut rest[done..], &source[done..]);
        }
    }
}

/// Copies the elements back that [`take`] copied.
#[inline(always)]
fn put_back<L: Lanes, const C: usize>(rest: &[[L::Element; WIDEST]; C], vectors: [&mut [L::Element]; C], first: usize) {
    for (rest, vector) in rest.iter().zip(vectors) {
        let target = &mut vector[first..];
        let mut done = 0;
        if target.len() >= L::WIDTH {
            L::load(rest).store(target);
            done = L::WIDTH;
        }
        if target.len() > done {
            put_few::<L>(&rest[done..], &mut target[done..]);
        }
    }
}

// Not inlined, because every cell would have a copy of this code.
#[inline(never)]
fn take_few<L: Lanes>(rest: &mut [L::Element], source: &[L::Element]) {
    L::load_partial(source).store(rest);
}

#[inline(never)]
fn put_few<L: Lanes>(rest: &[L::Element], target: &mut [L::Element]) {
    L::load(rest).store_partial(target);
}

/// The `C` parts of a row, each of `units` elements.
#[inline(always)]
pub fn parts<E, const C: usize>(row: &mut [E], units: usize) -> [&mut [E]; C] {
    let mut rest = row;
    from_fn(|_| {
        let (part, others) = core::mem::take(&mut rest).split_at_mut(units);
        rest = others;
        part
    })
}

#[inline(always)]
fn store<L: Lanes, const C: usize>(values: [L::Pair; C], vectors: &mut [&mut [L::Element]; C], unit: usize) {
    for (value, vector) in values.into_iter().zip(vectors) {
        value.store(&mut vector[unit..]);
    }
}

/// [`Cell::forward`] over one row: computes the states after the step. If `KEEPS`, it also
/// overwrites the pre-activations with the saved numbers.
#[inline(always)]
pub fn forward<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize, const KEEPS: bool>(
    cell: C,
    row: Vectors<'_, L::Element, SAVED, STATES, STATES, 0>,
    units: usize,
) {
    // Slices of exactly this length, so that the compiler removes the bounds checks.
    let mut blocks = row.written.map(|block| &mut block[..units]);
    let mut current = row.changed.map(|state| &mut state[..units]);
    let previous = row.read.map(|state| &state[..units]);
    for unit in (0..units).step_by(width::<L>()) {
        let (saved, states) = cell.forward::<L::Pair>(|b| L::Pair::load(&blocks[b][unit..]), |n| L::Pair::load(&previous[n][unit..]));
        if KEEPS {
            store::<L, _>(saved, &mut blocks, unit);
        }
        store::<L, _>(states, &mut current, unit);
    }
}

/// [`Cell::backward`] over one row: overwrites the saved numbers with the gradients of the
/// pre-activations, and the gradients of the states after the step with those before it, without
/// the part of the recurrent product.
#[inline(always)]
pub fn backward<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(
    cell: C,
    row: Vectors<'_, L::Element, SAVED, STATES, STATES, STATES>,
    units: usize,
) {
    let mut blocks = row.written.map(|block| &mut block[..units]);
    let mut gradients = row.changed.map(|gradient| &mut gradient[..units]);
    let [previous, current] = [row.read, row.more].map(|states| states.map(|state| &state[..units]));
    for unit in (0..units).step_by(width::<L>()) {
        let (d_blocks, d_previous) = cell.backward::<L::Pair>(
            from_fn(|b| L::Pair::load(&blocks[b][unit..])),
            from_fn(|n| L::Pair::load(&previous[n][unit..])),
            from_fn(|n| L::Pair::load(&current[n][unit..])),
            from_fn(|n| L::Pair::load(&gradients[n][unit..])),
        );
        store::<L, _>(d_blocks, &mut blocks, unit);
        store::<L, _>(d_previous, &mut gradients, unit);
    }
}

/// [`Cell::reset`] over one row: writes the left side of the product.
#[inline(always)]
pub fn reset<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(
    cell: C,
    row: Vectors<'_, L::Element, SAVED, 1, 1, 0>,
    units: usize,
) {
    let mut blocks = row.written.map(|block| &mut block[..units]);
    let ([product], [h]) = (row.changed.map(|vector| &mut vector[..units]), row.read.map(|vector| &vector[..units]));
    for unit in (0..units).step_by(width::<L>()) {
        let (saved, value) = cell.reset::<L::Pair>(from_fn(|b| L::Pair::load(&blocks[b][unit..])), L::Pair::load(&h[unit..]));
        store::<L, _>(saved, &mut blocks, unit);
        value.store(&mut product[unit..]);
    }
}

/// [`Cell::reset_backward`] over one row: completes the gradients in the blocks, adds to the
/// gradient of h, and overwrites the gradient of the result of `reset` with the result.
#[inline(always)]
pub fn reset_backward<L: Lanes, C: Cell<STATES, SAVED>, const STATES: usize, const SAVED: usize>(
    cell: C,
    row: Vectors<'_, L::Element, SAVED, 2, 1, 0>,
    units: usize,
) {
    let mut blocks = row.written.map(|block| &mut block[..units]);
    let ([d_h, product], [h]) = (row.changed.map(|vector| &mut vector[..units]), row.read.map(|vector| &vector[..units]));
    for unit in (0..units).step_by(width::<L>()) {
        let (saved, d_h_part, value) = cell.reset_backward::<L::Pair>(
            from_fn(|b| L::Pair::load(&blocks[b][unit..])),
            L::Pair::load(&h[unit..]),
            L::Pair::load(&product[unit..]),
        );
        store::<L, _>(saved, &mut blocks, unit);
        L::Pair::load(&d_h[unit..]).add(d_h_part).store(&mut d_h[unit..]);
        value.store(&mut product[unit..]);
    }
}
