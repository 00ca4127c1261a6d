//! Functions for tests: random numbers and comparisons.

use crate::lanes::Element;

/// Splitmix64 (Steele, Lea, Flood 2014): enough for test data.
pub struct Random {
    state: u64,
}

impl Random {
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in -1..1.
    pub fn number(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    pub fn numbers(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.number()).collect()
    }

    /// Uniform in `low..=high`.
    pub fn size(&mut self, low: usize, high: usize) -> usize {
        low + (self.bits() % (high - low + 1) as u64) as usize
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        (self.number() + 1.0) / 2.0 < probability
    }

    /// The numbers `0..count` in random order.
    pub fn permutation(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            order.swap(last, self.size(0, last));
        }
        order
    }
}

/// All cases of a test. Under Miri, which is about a thousand times slower, only the `few`: they
/// reach the same branches with less work.
pub fn cases<T>(all: Vec<T>, few: Vec<T>) -> Vec<T> {
    if cfg!(miri) { few } else { all }
}

/// Numbers as elements.
pub fn values<E: Element>(numbers: &[f64]) -> Vec<E> {
    numbers.iter().copied().map(E::from_f64).collect()
}

/// Elements as numbers.
pub fn numbers<E: Element>(values: &[E]) -> Vec<f64> {
    values.iter().map(|value| value.to_f64()).collect()
}

/// Each element within `tolerance`, absolute below 1 and relative above; NaN is never near.
#[track_caller]
pub fn assert_near<E: Element>(actual: &[E], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(actual.len(), expected.len(), "{what}: lengths");
    for (place, (actual, &expected)) in actual.iter().zip(expected).enumerate() {
        let actual = actual.to_f64();
        let error = (actual - expected).abs() / expected.abs().max(1.0);
        assert!(error <= tolerance, "{what}: element {place} is {actual}, expected {expected}, off by {error:e}");
    }
}
