//! Loops of pointwise kernels over whole slices, one vector at a time, with their tails.

use super::{Element, Lanes};
use core::array::from_fn;

/// Why the chunk iterators of all slices have the same number of chunks.
const EQUAL: &str = "lengths are equal";

/// Floats that are summed in lanes before their sum is added to a float64, so that long sums are
/// precise.
const BLOCK: usize = 512;

/// `output[i] = f(inputs[0][i], inputs[1][i], ...)`
///
/// Panics when lengths differ.
#[inline(always)]
pub fn map<L: Lanes, const N: usize>(inputs: [&[L::Element]; N], output: &mut [L::Element], f: impl Fn([L; N]) -> L) {
    update(inputs, [output], |inputs, _| [f(inputs)]);
}

/// `states[..][i] = f(inputs[..][i], states[..][i])`
///
/// Panics when lengths differ.
#[inline(always)]
pub fn update<L: Lanes, const N: usize, const M: usize>(
    inputs: [&[L::Element]; N],
    states: [&mut [L::Element]; M],
    f: impl Fn([L; N], [L; M]) -> [L; M],
) {
    let count = states[0].len();
    assert!(inputs.iter().all(|input| input.len() == count) && states.iter().all(|state| state.len() == count), "lengths differ");
    let mut inputs = inputs.map(|input| input.chunks_exact(L::WIDTH));
    let mut states = states.map(|state| state.chunks_exact_mut(L::WIDTH));
    for _ in 0..count / L::WIDTH {
        let input = from_fn(|n| L::load(inputs[n].next().expect(EQUAL)));
        let mut targets: [&mut [L::Element]; M] = from_fn(|_| Default::default());
        for (target, state) in targets.iter_mut().zip(&mut states) {
            *target = state.next().expect(EQUAL);
        }
        let state = from_fn(|m| L::load(targets[m]));
        for (value, target) in f(input, state).into_iter().zip(targets) {
            value.store(target);
        }
    }
    if !count.is_multiple_of(L::WIDTH) {
        let input = from_fn(|n| L::load_partial(inputs[n].remainder()));
        let targets = states.map(|state| state.into_remainder());
        let state = from_fn(|m| L::load_partial(targets[m]));
        for (value, target) in f(input, state).into_iter().zip(targets) {
            value.store_partial(target);
        }
    }
}

/// `target += source`
///
/// Panics when lengths differ.
#[inline]
pub fn add<L: Lanes>(target: &mut [L::Element], source: &[L::Element]) {
    update::<L, 1, 1>([source], [target], |[source], [target]| [target.add(source)]);
}

/// Sum of `f(inputs[0][i], inputs[1][i], ...)`. Lanes past the end are not summed, whatever `f`
/// returns for zeros.
///
/// Panics when lengths differ.
#[inline(always)]
pub fn sum<L: Lanes, const N: usize>(inputs: [&[L::Element]; N], f: impl Fn([L; N]) -> L) -> f64 {
    let count = inputs[0].len();
    assert!(inputs.iter().all(|input| input.len() == count), "lengths differ");
    let mut inputs = inputs.map(|input| input.chunks_exact(L::WIDTH));
    let zero = L::splat(L::Element::ZERO);
    let mut total = 0.0;
    let mut values = count / L::WIDTH;
    while values > 0 {
        let in_block = values.min(BLOCK / L::WIDTH);
        let mut block = zero;
        for _ in 0..in_block {
            block = block.add(f(from_fn(|n| L::load(inputs[n].next().expect(EQUAL)))));
        }
        total += block.sum().to_f64();
        values -= in_block;
    }
    let tail = count % L::WIDTH;
    if tail > 0 {
        let value = f(from_fn(|n| L::load_partial(inputs[n].remainder())));
        total += L::select(first_lanes::<L>(tail), value, zero).sum().to_f64();
    }
    total
}

/// The largest element. NaN is ignored, unless it is the first element, which is then the result.
/// Panics if there is no element.
pub fn largest<L: Lanes>(values: &[L::Element]) -> L::Element {
    let mut largest = L::splat(values[0]);
    let chunks = values.chunks_exact(L::WIDTH);
    let mut of_tail = values[0];
    for &value in chunks.remainder() {
        if value > of_tail {
            of_tail = value;
        }
    }
    for chunk in chunks {
        let value = L::load(chunk);
        largest = L::select(largest.less_than(value), value, largest);
    }
    largest.fold(of_tail, |left, right| if left < right { right } else { left })
}

/// A mask of the first `count` lanes.
fn first_lanes<L: Lanes>(count: usize) -> L::Mask {
    const WIDEST: usize = 16;
    L::splat(L::Element::ZERO).less_than(L::load_partial(&[L::Element::ONE; WIDEST][..count]))
}

#[cfg(test)]
mod tests {
    use super::super::Four;
    use super::*;
    use crate::testing::{Random, cases, values};

    /// Lengths around whole values of lanes and around the blocks of sums.
    fn lengths() -> Vec<usize> {
        let all = (1..=32).chain(BLOCK - 5..=BLOCK + 5).chain(2 * BLOCK - 1..=2 * BLOCK + 5);
        cases(all.collect(), vec![1, 3, 4, 5, 8, 13, BLOCK, BLOCK + 1])
    }

    fn check_loops<L: Lanes>() {
        let mut random = Random::new(1);
        let nan = L::Element::from_f64(f64::NAN);
        for count in lengths() {
            let [a, b] = [0, 1].map(|_| values::<L::Element>(&random.numbers(count)));
            let mut y = vec![nan; count];
            map::<L, 2>([&a, &b], &mut y, |[a, b]| a.sub(b));
            assert!((0..count).all(|i| y[i] == a[i] - b[i]));
            let (mut p, mut q) = (a.clone(), b.clone());
            update::<L, 1, 2>([&y], [&mut p, &mut q], |[y], [p, q]| [p.add(y), q.mul(y)]);
            assert!((0..count).all(|i| p[i] == a[i] + y[i] && q[i] == b[i] * y[i]));
            add::<L>(&mut p, &q);
            assert!((0..count).all(|i| p[i] == a[i] + y[i] + q[i]));
            // Whole numbers, whose sums are exact; lanes past the end would count as 1.
            let whole = values::<L::Element>(&(0..count).map(|i| (i % 7) as f64).collect::<Vec<_>>());
            let expected: f64 = whole.iter().zip(&whole).map(|(a, b)| a.to_f64() * b.to_f64() + 1.0).sum();
            assert_eq!(sum::<L, 2>([&whole, &whole], |[a, b]| a.mul_add(b, L::splat(L::Element::ONE))), expected, "{count}");
        }
    }

    #[test]
    fn loops_visit_every_element_once() {
        check_loops::<f32>();
        check_loops::<f64>();
        check_loops::<Four<f32>>();
        check_loops::<Four<f64>>();
    }

    /// The largest in every place, among numbers all below 0 and beside NaNs.
    fn check_largest<L: Lanes>() {
        let [nan, small, large] = [f64::NAN, -3.0, -2.0].map(L::Element::from_f64);
        for count in cases((1..=32).collect(), vec![1, 4, 7]) {
            for place in 0..count {
                let mut values = vec![small; count];
                values[place] = large;
                assert_eq!(largest::<L>(&values), large, "{place} of {count}");
                for other in (1..count).filter(|&other| other != place) {
                    values[other] = nan;
                    assert_eq!(largest::<L>(&values), large, "{place} of {count}, NaN at {other}");
                    values[other] = small;
                }
            }
            let mut values = vec![large; count];
            values[0] = nan;
            assert!(largest::<L>(&values).to_f64().is_nan());
        }
    }

    #[test]
    fn the_largest_is_found_in_every_place() {
        check_largest::<f64>();
        check_largest::<Four<f32>>();
        check_largest::<Four<f64>>();
    }

    fn check_precision<L: Lanes<Element = f32>>() {
        let values = vec![0.1f32; 1_000_003];
        // One running float32 sum would end at 100,958; four of them, one a lane, at 100,015.
        let total = sum::<L, 1>([&values], |[v]| v);
        assert!((total - 100_000.3).abs() < 0.5, "{total}");
    }

    #[test]
    #[cfg_attr(miri, ignore = "it sums a million numbers")]
    fn long_sums_keep_their_precision() {
        check_precision::<f32>();
        check_precision::<Four<f32>>();
    }

    #[test]
    #[should_panic(expected = "lengths differ")]
    fn an_input_of_another_length_panics() {
        add::<Four<f32>>(&mut [0.0; 8], &[0.0; 9]);
    }

    #[test]
    #[should_panic(expected = "lengths differ")]
    fn a_state_of_another_length_panics() {
        update::<Four<f32>, 0, 2>([], [&mut [0.0; 8], &mut [0.0; 7]], |[], states| states);
    }

    #[test]
    #[should_panic(expected = "lengths differ")]
    fn a_sum_over_different_lengths_panics() {
        sum::<Four<f32>, 2>([&[0.0; 8], &[0.0; 4]], |[a, _]| a);
    }
}
