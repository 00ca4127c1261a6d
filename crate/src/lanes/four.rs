//! Four lanes for tests: the tails, strides, masks and lane order of the kernels, which one lane
//! does not have.

use super::{Element, FloatBits, Lanes};
use core::array::from_fn;

/// Four of a one-lane type, which computes each lane: `Four<f32>` is natively what `F32x4` is in
/// WebAssembly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Four<E>(pub [E; 4]);

impl<E: Lanes<Element = E, Mask = bool> + Element> Lanes for Four<E> {
    type Element = E;
    type Mask = [bool; 4];
    type Pair = Self;
    const WIDTH: usize = 4;

    fn splat(value: E) -> Self {
        Self([value; 4])
    }
    fn load(source: &[E]) -> Self {
        Self(from_fn(|n| source[..4][n]))
    }
    fn store(self, target: &mut [E]) {
        target[..4].copy_from_slice(&self.0);
    }
    fn load_partial(source: &[E]) -> Self {
        Self(from_fn(|n| source.get(n).copied().unwrap_or(E::ZERO)))
    }
    fn store_partial(self, target: &mut [E]) {
        target.iter_mut().zip(self.0).for_each(|(target, value)| *target = value);
    }
    fn add(self, other: Self) -> Self {
        self.with(other, Lanes::add)
    }
    fn sub(self, other: Self) -> Self {
        self.with(other, Lanes::sub)
    }
    fn mul(self, other: Self) -> Self {
        self.with(other, Lanes::mul)
    }
    fn div(self, other: Self) -> Self {
        self.with(other, Lanes::div)
    }
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        Self(from_fn(|n| self.0[n].mul_add(factor.0[n], addend.0[n])))
    }
    fn neg(self) -> Self {
        self.each(Lanes::neg)
    }
    fn abs(self) -> Self {
        self.each(E::abs)
    }
    fn sqrt(self) -> Self {
        self.each(E::sqrt)
    }
    fn at_least(self, bound: Self) -> Self {
        self.with(bound, E::at_least)
    }
    fn at_most(self, bound: Self) -> Self {
        self.with(bound, E::at_most)
    }
    fn less_than(self, other: Self) -> [bool; 4] {
        from_fn(|n| self.0[n].less_than(other.0[n]))
    }
    fn select(mask: [bool; 4], when_true: Self, when_false: Self) -> Self {
        Self(from_fn(|n| E::select(mask[n], when_true.0[n], when_false.0[n])))
    }
    fn sum(self) -> E {
        let [a, b, c, d] = self.0;
        a + b + c + d
    }
    fn fold(self, start: E, f: impl Fn(E, E) -> E) -> E {
        self.0.into_iter().fold(start, f)
    }
    fn exp(self) -> Self {
        self.each(E::exp)
    }
    fn ln(self) -> Self {
        self.each(E::ln)
    }
    fn tanh(self) -> Self {
        self.each(E::tanh)
    }
    fn sigmoid(self) -> Self {
        self.each(E::sigmoid)
    }
}

impl FloatBits for Four<f32> {
    fn constant(value: &'static f32) -> Self {
        Self([*value; 4])
    }
    fn clamp_number(self, low: Self, high: Self) -> Self {
        Self(from_fn(|n| self.0[n].clamp_number(low.0[n], high.0[n])))
    }
    fn with_nan_of(self, input: Self) -> Self {
        self.with(input, f32::with_nan_of)
    }
    fn add_to_exponent(self, shifted: Self) -> Self {
        self.with(shifted, f32::add_to_exponent)
    }
    fn split_exponent(self) -> (Self, Self) {
        let parts = self.0.map(f32::split_exponent);
        (Self(parts.map(|(exponent, _)| exponent)), Self(parts.map(|(_, fraction)| fraction)))
    }
}

impl<E: Copy> Four<E> {
    fn each(self, f: impl Fn(E) -> E) -> Self {
        Self(self.0.map(f))
    }
    fn with(self, other: Self, f: impl Fn(E, E) -> E) -> Self {
        Self(from_fn(|n| f(self.0[n], other.0[n])))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Pair;
    use super::*;
    use crate::testing::values;

    /// What the documentation of [`Lanes`] says, which lanes of every width must do.
    fn check<L: Lanes>() {
        let [source, other] = [[3.0, -1.0, 4.0, 0.5, 5.0, -2.5, 8.0, 0.0, 1.5], [1.0, 2.0, 4.0, -0.25, 7.0, -3.0, 0.5, 6.0, -2.0]]
            .map(|numbers| values::<L::Element>(&numbers));
        let nan = L::Element::from_f64(f64::NAN);
        let width = L::WIDTH;
        let same = |value: L, expected: &[L::Element]| {
            let mut lanes = vec![nan; width + 1];
            value.store(&mut lanes);
            assert_eq!(&lanes[..width], &expected[..width]);
            // As `==` does not take NaN for itself.
            assert!(lanes[width].to_f64().is_nan(), "stored past its last lane");
        };
        let [a, b] = [&source, &other].map(|values| L::load(values));
        let each = |f: fn(f64, f64) -> f64| -> Vec<L::Element> {
            source.iter().zip(&other).map(|(a, b)| L::Element::from_f64(f(a.to_f64(), b.to_f64()))).collect()
        };
        same(a, &source);
        same(L::splat(source[2]), &[source[2]; 8]);
        same(a.add(b), &each(|a, b| a + b));
        same(a.sub(b), &each(|a, b| a - b));
        same(a.mul(b), &each(|a, b| a * b));
        same(a.div(b), &each(|a, b| a / b));
        same(a.mul_add(b, a), &each(|a, b| a * b + a));
        same(a.neg(), &each(|a, _| -a));
        same(a.abs(), &each(|a, _| a.abs()));
        same(b.mul(b).sqrt(), &each(|_, b| b.abs()));
        same(a.at_least(b), &each(f64::max));
        same(a.at_most(b), &each(f64::min));
        same(L::select(a.less_than(b), b.neg(), a), &each(|a, b| if a < b { -b } else { a }));
        let sum = source[..width].iter().fold(L::Element::ZERO, |sum, &value| sum + value);
        assert_eq!(a.sum(), sum);
        // `start - first - second ...` depends on the order.
        let halves = |left: L::Element, right: L::Element| left * L::Element::from_f64(0.5) + right;
        assert_eq!(a.fold(other[8], halves), source[..width].iter().copied().fold(other[8], halves));
        for count in 0..=width {
            let mut padded = vec![L::Element::ZERO; width];
            padded[..count].copy_from_slice(&source[..count]);
            same(L::load_partial(&source[..count]), &padded);
            let mut target = vec![nan; width + 1];
            a.store_partial(&mut target[..count]);
            assert_eq!(&target[..count], &source[..count]);
            assert!(target[count..].iter().all(|value| value.to_f64().is_nan()));
        }
    }

    #[test]
    fn lanes_of_every_width_keep_the_contract() {
        check::<f32>();
        check::<f64>();
        check::<Four<f32>>();
        check::<Four<f64>>();
        check::<Pair<f32>>();
        check::<Pair<Four<f32>>>();
    }

    #[test]
    #[should_panic(expected = "range end index 4 out of range")]
    fn loads_past_the_end_panic() {
        Four::load(&[1.0f32; 3]);
    }

    #[test]
    #[should_panic(expected = "range end index 4 out of range")]
    fn stores_past_the_end_panic() {
        Four([1.0f32; 4]).store(&mut [0.0; 3]);
    }
}
