//! Vectors of four 32-bit words: the integer arithmetic of the random numbers.

#[cfg(not(target_arch = "wasm32"))]
pub use portable::Words;
#[cfg(target_arch = "wasm32")]
pub use simd::Words;

/// The factor of all four words of a product, kept in memory.
#[repr(C, align(16))]
pub struct Factors([u32; 4]);

impl Factors {
    pub const fn splat(factor: u32) -> Self {
        Self([factor; 4])
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod portable {
    use super::Factors;
    use core::array::from_fn;

    /// Four 32-bit words.
    #[derive(Clone, Copy)]
    pub struct Words([u32; 4]);

    impl Words {
        pub fn new(words: [u32; 4]) -> Self {
            Self(words)
        }
        pub fn splat(word: u32) -> Self {
            Self([word; 4])
        }
        pub fn to_array(self) -> [u32; 4] {
            self.0
        }
        pub fn xor(self, other: Self) -> Self {
            Self(from_fn(|n| self.0[n] ^ other.0[n]))
        }
        /// The upper and the lower halves of the 64-bit products.
        pub fn multiply_wide(self, factor: &'static Factors) -> (Self, Self) {
            let products: [u64; 4] = from_fn(|n| u64::from(self.0[n]) * u64::from(factor.0[n]));
            (Self(products.map(|product| (product >> 32) as u32)), Self(products.map(|product| product as u32)))
        }
        /// Word m of vector n becomes word n of vector m.
        pub fn transpose(rows: [Self; 4]) -> [Self; 4] {
            from_fn(|m| Self(from_fn(|n| rows[n].0[m])))
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod simd {
    use super::Factors;
    use core::arch::wasm32::*;

    /// Four 32-bit words.
    #[derive(Clone, Copy)]
    pub struct Words(v128);

    impl Words {
        #[inline(always)]
        pub fn new([a, b, c, d]: [u32; 4]) -> Self {
            Self(u32x4(a, b, c, d))
        }
        #[inline(always)]
        pub fn splat(word: u32) -> Self {
            Self(u32x4_splat(word))
        }
        #[inline(always)]
        pub fn to_array(self) -> [u32; 4] {
            let mut words = [0; 4];
            // SAFETY: the array holds four words, and v128.store has no alignment requirement.
            unsafe { v128_store(words.as_mut_ptr().cast(), self.0) };
            words
        }
        #[inline(always)]
        pub fn xor(self, other: Self) -> Self {
            Self(v128_xor(self.0, other.0))
        }
        /// The upper and the lower halves of the 64-bit products.
        #[inline(always)]
        pub fn multiply_wide(self, factor: &'static Factors) -> (Self, Self) {
            // SAFETY: the factors are four words, aligned to 16 bytes. The read is volatile: if the
            // compiler knew that the factors are equal, it would widen one of them and multiply 64
            // bits by 64, which takes many instructions.
            let factor = Self(unsafe { core::ptr::read_volatile((&raw const *factor).cast::<v128>()) });
            let first = u64x2_extmul_low_u32x4(self.0, factor.0);
            let second = u64x2_extmul_high_u32x4(self.0, factor.0);
            (Self(u32x4_shuffle::<1, 3, 5, 7>(first, second)), Self(u32x4_shuffle::<0, 2, 4, 6>(first, second)))
        }
        /// Word m of vector n becomes word n of vector m.
        #[inline(always)]
        pub fn transpose([a, b, c, d]: [Self; 4]) -> [Self; 4] {
            let (ab_low, ab_high) = (u32x4_shuffle::<0, 4, 1, 5>(a.0, b.0), u32x4_shuffle::<2, 6, 3, 7>(a.0, b.0));
            let (cd_low, cd_high) = (u32x4_shuffle::<0, 4, 1, 5>(c.0, d.0), u32x4_shuffle::<2, 6, 3, 7>(c.0, d.0));
            [
                Self(u64x2_shuffle::<0, 2>(ab_low, cd_low)),
                Self(u64x2_shuffle::<1, 3>(ab_low, cd_low)),
                Self(u64x2_shuffle::<0, 2>(ab_high, cd_high)),
                Self(u64x2_shuffle::<1, 3>(ab_high, cd_high)),
            ]
        }
    }
}
