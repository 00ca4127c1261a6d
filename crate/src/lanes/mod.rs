//! The one abstraction of vectors: several floats that are computed together.
//!
//! Every kernel is written once, generic over [`Lanes`]. `f32` and `f64` have one lane, so
//! `cargo test` runs the same kernels natively and checks gradients in float64. `Four`, for tests,
//! has four lanes like [`F32x4`], WebAssembly's `v128`. Relaxed SIMD is a `cfg` inside `mul_add`,
//! never a second kernel. Unsafe code is only in this folder and in the exported functions.

#[cfg(test)]
mod four;
mod integers;
mod pair;
mod scalar;
mod traverse;
#[cfg(target_arch = "wasm32")]
mod wasm;
mod words;

#[cfg(test)]
pub use four::Four;
pub use integers::{HAS_QUADS, IntegerLanes, QUAD_OFFSET};
pub use pair::Pair;
pub use traverse::{add, largest, map, sum, update};
#[cfg(target_arch = "wasm32")]
pub use wasm::F32x4;
pub use words::{Factors, Words};

/// The scalar type of lanes.
pub trait Element:
    Copy
    + PartialOrd
    + core::fmt::Debug
    + core::ops::Add<Output = Self>
    + core::ops::Sub<Output = Self>
    + core::ops::Mul<Output = Self>
    + core::ops::Div<Output = Self>
    + core::ops::Neg<Output = Self>
    + core::ops::AddAssign
    + 'static
{
    const ZERO: Self;
    const ONE: Self;
    fn from_f64(value: f64) -> Self;
    fn to_f64(self) -> f64;
}

/// `WIDTH` floats that are computed together: a vector. Comparisons return a mask for `select`.
pub trait Lanes: Copy + 'static {
    type Element: Element;
    type Mask: Copy;
    /// Two vectors that are computed together, for loops of long chains of dependent operations;
    /// `Self` where there is no such type.
    type Pair: Lanes<Element = Self::Element>;
    /// Floats in one vector.
    const WIDTH: usize;

    fn splat(value: Self::Element) -> Self;
    /// Reads the first `WIDTH` elements of `source`. Panics if it is shorter.
    fn load(source: &[Self::Element]) -> Self;
    /// Writes the first `WIDTH` elements of `target`. Panics if it is shorter.
    fn store(self, target: &mut [Self::Element]);
    /// Reads up to `WIDTH` elements; lanes past the end of `source` are zero.
    fn load_partial(source: &[Self::Element]) -> Self;
    /// Writes up to `WIDTH` elements; lanes past the end of `target` are dropped.
    fn store_partial(self, target: &mut [Self::Element]);

    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    fn div(self, other: Self) -> Self;
    /// `self * factor + addend`: two roundings on simd128 and scalars, one (fused) on relaxed SIMD.
    fn mul_add(self, factor: Self, addend: Self) -> Self;
    fn neg(self) -> Self;
    fn abs(self) -> Self;
    fn sqrt(self) -> Self;
    /// `bound` where `self` is less, else `self`. NaN in `self` stays; `bound` is not NaN.
    fn at_least(self, bound: Self) -> Self;
    /// `bound` where `self` is greater, else `self`. NaN in `self` stays; `bound` is not NaN.
    fn at_most(self, bound: Self) -> Self;
    fn less_than(self, other: Self) -> Self::Mask;
    fn select(mask: Self::Mask, when_true: Self, when_false: Self) -> Self;
    /// Sum of all lanes, in lane order.
    fn sum(self) -> Self::Element;
    /// `f(... f(f(start, first lane), second lane) ..., last lane)`
    fn fold(self, start: Self::Element, f: impl Fn(Self::Element, Self::Element) -> Self::Element) -> Self::Element;

    fn exp(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    fn tanh(self) -> Self;
    fn sigmoid(self) -> Self;
}

/// Operations on the bits of float32 lanes, for [`crate::math`].
pub trait FloatBits: Lanes<Element = f32> {
    /// A constant in every lane, which is loaded from memory at each use. Engines build a vector
    /// constant from immediates at each use, which takes four instructions instead of one.
    fn constant(value: &'static f32) -> Self;
    /// Limits numbers to `low..=high` in two instructions. With relaxed SIMD, NaN may become a
    /// number; [`FloatBits::with_nan_of`] restores it at the end of a function.
    fn clamp_number(self, low: Self, high: Self) -> Self;
    /// `self`, but NaN where `input` is NaN. `self` was computed from `input` by way of
    /// [`FloatBits::clamp_number`].
    fn with_nan_of(self, input: Self) -> Self;
    /// `self * 2^n`, where `shifted` is `1.5 * 2^23 + n`, which has the integer n in its low bits.
    /// The result is correct only if it is a normal number.
    fn add_to_exponent(self, shifted: Self) -> Self;
    /// n and f with `self = 2^n f` and `sqrt(1/2) <= f < sqrt(2)`, for positive normal numbers.
    fn split_exponent(self) -> (Self, Self);
}

/// Number of bits in the fraction of a float32, which is the position of its exponent.
const FRACTION_BITS: u32 = 23;
const FRACTION_MASK: i32 = 0x007f_ffff;
/// The largest float32 below sqrt(1/2), as bits.
const SQRT_HALF_BITS: i32 = 0x3f35_04f3;

/// Reads one element of each cache line (64 bytes) of `data`, so that the lines are in the cache
/// when they are needed. WebAssembly has no instruction for prefetching.
#[inline(always)]
pub fn fetch<E: Copy>(data: &[E]) {
    for element in data.iter().step_by(64 / size_of::<E>()) {
        // SAFETY: a reference is valid for reads. The read is volatile, so that the compiler keeps
        // it.
        let _ = unsafe { core::ptr::read_volatile(element) };
    }
}
