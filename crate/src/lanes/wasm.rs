//! `v128` as four `f32` lanes.

use super::{FRACTION_BITS, FRACTION_MASK, FloatBits, Lanes, SQRT_HALF_BITS};
use crate::math;
use core::arch::wasm32::*;

/// Four `f32` in one `v128`.
#[derive(Clone, Copy)]
pub struct F32x4(pub(crate) v128);

impl Lanes for F32x4 {
    type Element = f32;
    type Mask = v128;
    type Pair = super::Pair<Self>;
    const WIDTH: usize = 4;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self(f32x4_splat(value))
    }
    #[inline(always)]
    fn load(source: &[f32]) -> Self {
        let source: &[f32] = &source[..4];
        // SAFETY: the slice holds four floats, and v128.load has no alignment requirement.
        Self(unsafe { v128_load(source.as_ptr().cast()) })
    }
    #[inline(always)]
    fn store(self, target: &mut [f32]) {
        let target: &mut [f32] = &mut target[..4];
        // SAFETY: the slice holds four floats, and v128.store has no alignment requirement.
        unsafe { v128_store(target.as_mut_ptr().cast(), self.0) }
    }
    #[inline(always)]
    fn load_partial(source: &[f32]) -> Self {
        match source.len() {
            0 => Self(f32x4_splat(0.0)),
            1..4 => load_few(source),
            _ => Self::load(source),
        }
    }
    #[inline(always)]
    fn store_partial(self, target: &mut [f32]) {
        match target.len() {
            0 => {}
            1..4 => store_few(self, target),
            _ => self.store(target),
        }
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(f32x4_add(self.0, other.0))
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(f32x4_sub(self.0, other.0))
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(f32x4_mul(self.0, other.0))
    }
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self(f32x4_div(self.0, other.0))
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        #[cfg(target_feature = "relaxed-simd")]
        return Self(f32x4_relaxed_madd(self.0, factor.0, addend.0));
        #[cfg(not(target_feature = "relaxed-simd"))]
        Self(f32x4_add(f32x4_mul(self.0, factor.0), addend.0))
    }
    #[inline(always)]
    fn neg(self) -> Self {
        Self(f32x4_neg(self.0))
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Self(f32x4_abs(self.0))
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(f32x4_sqrt(self.0))
    }
    #[inline(always)]
    fn at_least(self, bound: Self) -> Self {
        // Pseudo-maximum keeps NaN. But LLVM replaces it by relaxed maximum where it can, which may
        // not keep NaN.
        #[cfg(target_feature = "relaxed-simd")]
        return Self(v128_bitselect(bound.0, self.0, f32x4_lt(self.0, bound.0)));
        #[cfg(not(target_feature = "relaxed-simd"))]
        Self(f32x4_pmax(self.0, bound.0))
    }
    #[inline(always)]
    fn at_most(self, bound: Self) -> Self {
        #[cfg(target_feature = "relaxed-simd")]
        return Self(v128_bitselect(bound.0, self.0, f32x4_gt(self.0, bound.0)));
        #[cfg(not(target_feature = "relaxed-simd"))]
        Self(f32x4_pmin(self.0, bound.0))
    }
    #[inline(always)]
    fn less_than(self, other: Self) -> v128 {
        f32x4_lt(self.0, other.0)
    }
    #[inline(always)]
    fn select(mask: v128, when_true: Self, when_false: Self) -> Self {
        Self(v128_bitselect(when_true.0, when_false.0, mask))
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        f32x4_extract_lane::<0>(self.0)
            + f32x4_extract_lane::<1>(self.0)
            + f32x4_extract_lane::<2>(self.0)
            + f32x4_extract_lane::<3>(self.0)
    }
    #[inline(always)]
    fn fold(self, start: f32, f: impl Fn(f32, f32) -> f32) -> f32 {
        let mut lanes = [0.0; 4];
        self.store(&mut lanes);
        lanes.into_iter().fold(start, f)
    }
    #[inline(always)]
    fn exp(self) -> Self {
        math::exp(self)
    }
    #[inline(always)]
    fn ln(self) -> Self {
        math::ln(self)
    }
    #[inline(always)]
    fn tanh(self) -> Self {
        math::tanh(self)
    }
    #[inline(always)]
    fn sigmoid(self) -> Self {
        math::sigmoid(self)
    }
}

/// Loads one to three floats, lane by lane. A copy whose length the compiler does not know would be
/// a call, too, of 25 ns.
#[inline(never)]
fn load_few(source: &[f32]) -> F32x4 {
    let at = |place: usize| source.get(place).copied().unwrap_or(0.0);
    F32x4(f32x4(at(0), at(1), at(2), 0.0))
}

/// Stores into one to three floats.
#[inline(never)]
fn store_few(value: F32x4, target: &mut [f32]) {
    let lanes = [f32x4_extract_lane::<0>(value.0), f32x4_extract_lane::<1>(value.0), f32x4_extract_lane::<2>(value.0)];
    for (target, lane) in target.iter_mut().zip(lanes) {
        *target = lane;
    }
}

impl FloatBits for F32x4 {
    #[inline(always)]
    fn constant(value: &'static f32) -> Self {
        // SAFETY: a reference is valid for reads. The read is volatile, so that the compiler does
        // not replace it by a constant.
        Self(f32x4_splat(unsafe { core::ptr::read_volatile(value) }))
    }
    #[inline(always)]
    fn clamp_number(self, low: Self, high: Self) -> Self {
        Self(f32x4_pmin(f32x4_pmax(self.0, low.0), high.0))
    }
    #[inline(always)]
    fn with_nan_of(self, input: Self) -> Self {
        // Pseudo-minimum and pseudo-maximum keep NaN in their first operand. All bits set are NaN.
        #[cfg(target_feature = "relaxed-simd")]
        return Self(v128_or(self.0, f32x4_ne(input.0, input.0)));
        #[cfg(not(target_feature = "relaxed-simd"))]
        {
            let _ = input;
            self
        }
    }
    #[inline(always)]
    fn add_to_exponent(self, shifted: Self) -> Self {
        Self(i32x4_add(self.0, i32x4_shl(shifted.0, FRACTION_BITS)))
    }
    #[inline(always)]
    fn split_exponent(self) -> (Self, Self) {
        let base = i32x4_splat(SQRT_HALF_BITS);
        let offset = i32x4_sub(self.0, base);
        let exponent = f32x4_convert_i32x4(i32x4_shr(offset, FRACTION_BITS));
        let fraction = i32x4_add(v128_and(offset, i32x4_splat(FRACTION_MASK)), base);
        (Self(exponent), Self(fraction))
    }
}
