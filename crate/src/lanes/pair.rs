//! Two adjacent vectors that are computed together. A long chain of dependent operations leaves
//! units of the processor idle; the chain of the other vector uses them. Both chains use a constant
//! that is loaded once. Engines that combine two adjacent `v128` operations into one of twice the
//! width can do so here.

use super::{Element, FloatBits, Lanes};
use core::array::from_fn;

/// Two vectors `L`. Each is computed independently, so the results have the same bits as with one
/// vector.
#[derive(Clone, Copy, Debug)]
pub struct Pair<L>(pub [L; 2]);

impl<L: Copy> Pair<L> {
    #[inline(always)]
    fn each(self, f: impl Fn(L) -> L) -> Self {
        Self(self.0.map(f))
    }
    #[inline(always)]
    fn with(self, other: Self, f: impl Fn(L, L) -> L) -> Self {
        Self(from_fn(|n| f(self.0[n], other.0[n])))
    }
}

impl<L: FloatBits> Lanes for Pair<L> {
    type Element = f32;
    type Mask = [L::Mask; 2];
    type Pair = Self;
    const WIDTH: usize = 2 * L::WIDTH;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self([L::splat(value); 2])
    }
    #[inline(always)]
    fn load(source: &[f32]) -> Self {
        let source = &source[..Self::WIDTH];
        Self(from_fn(|n| L::load(&source[n * L::WIDTH..])))
    }
    #[inline(always)]
    fn store(self, target: &mut [f32]) {
        let target = &mut target[..Self::WIDTH];
        for (value, target) in self.0.into_iter().zip(target.chunks_exact_mut(L::WIDTH)) {
            value.store(target);
        }
    }
    #[inline(always)]
    fn load_partial(source: &[f32]) -> Self {
        Self(from_fn(|n| L::load_partial(source.get(n * L::WIDTH..).unwrap_or(&[]))))
    }
    #[inline(always)]
    fn store_partial(self, target: &mut [f32]) {
        for (value, target) in self.0.into_iter().zip(target.chunks_mut(L::WIDTH)) {
            value.store_partial(target);
        }
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.with(other, L::add)
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.with(other, L::sub)
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.with(other, L::mul)
    }
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        self.with(other, L::div)
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        Self(from_fn(|n| self.0[n].mul_add(factor.0[n], addend.0[n])))
    }
    #[inline(always)]
    fn neg(self) -> Self {
        self.each(L::neg)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        self.each(L::abs)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.each(L::sqrt)
    }
    #[inline(always)]
    fn at_least(self, bound: Self) -> Self {
        self.with(bound, L::at_least)
    }
    #[inline(always)]
    fn at_most(self, bound: Self) -> Self {
        self.with(bound, L::at_most)
    }
    #[inline(always)]
    fn less_than(self, other: Self) -> Self::Mask {
        from_fn(|n| self.0[n].less_than(other.0[n]))
    }
    #[inline(always)]
    fn select(mask: Self::Mask, when_true: Self, when_false: Self) -> Self {
        Self(from_fn(|n| L::select(mask[n], when_true.0[n], when_false.0[n])))
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        self.fold(f32::ZERO, |sum, value| sum + value)
    }
    #[inline(always)]
    fn fold(self, start: f32, f: impl Fn(f32, f32) -> f32) -> f32 {
        self.0.into_iter().fold(start, |folded, value| value.fold(folded, &f))
    }
    #[inline(always)]
    fn exp(self) -> Self {
        crate::math::exp(self)
    }
    #[inline(always)]
    fn ln(self) -> Self {
        crate::math::ln(self)
    }
    #[inline(always)]
    fn tanh(self) -> Self {
        crate::math::tanh(self)
    }
    #[inline(always)]
    fn sigmoid(self) -> Self {
        crate::math::sigmoid(self)
    }
}

impl<L: FloatBits> FloatBits for Pair<L> {
    #[inline(always)]
    fn constant(value: &'static f32) -> Self {
        Self([L::constant(value); 2])
    }
    #[inline(always)]
    fn clamp_number(self, low: Self, high: Self) -> Self {
        Self(from_fn(|n| self.0[n].clamp_number(low.0[n], high.0[n])))
    }
    #[inline(always)]
    fn with_nan_of(self, input: Self) -> Self {
        self.with(input, L::with_nan_of)
    }
    #[inline(always)]
    fn add_to_exponent(self, shifted: Self) -> Self {
        self.with(shifted, L::add_to_exponent)
    }
    #[inline(always)]
    fn split_exponent(self) -> (Self, Self) {
        let [first, second] = self.0.map(L::split_exponent);
        (Self([first.0, second.0]), Self([first.1, second.1]))
    }
}
