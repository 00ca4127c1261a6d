//! Products of small integers. Each lane sums two or four of them.

use super::Lanes;

/// Whether this build multiplies int8 by int8. simd128 multiplies only int16, so its int8 weights
/// are stored as pairs of int16: the same integers in twice the memory.
pub const HAS_QUADS: bool = cfg!(any(not(target_arch = "wasm32"), target_feature = "relaxed-simd"));

/// The offset that [`IntegerLanes::pack_quads`] adds to its integers.
pub const QUAD_OFFSET: i32 = 64;

/// Lanes with as many words of 32 bits. A word is a sum, or several small integers.
pub trait IntegerLanes: Lanes {
    /// `WIDTH` words.
    type Words: Copy;

    fn no_words() -> Self::Words;
    /// Reads the first `WIDTH` words. Panics if there are fewer.
    fn load_words(source: &[i32]) -> Self::Words;
    fn splat_word(word: u32) -> Self::Words;
    /// Writes the first `WIDTH` words. Panics if there are fewer.
    fn store_words(words: Self::Words, target: &mut [u32]);
    /// Adds the two products of the int16 in the words to each sum.
    fn add_pairs(sums: Self::Words, left: Self::Words, right: Self::Words) -> Self::Words;
    /// Adds the four products of the int8 in the words to each sum. Weights are -127 to 127 and
    /// activations 0 to 127, so that no instruction saturates and every engine gives the same sums.
    /// Only where [`HAS_QUADS`].
    fn add_quads(sums: Self::Words, weights: Self::Words, activations: Self::Words) -> Self::Words;
    /// Each sum, rounded to the nearest float.
    fn from_words(sums: Self::Words) -> Self;
    /// Rounds floats up to 2^15 to the nearest integers, halves to even, and packs two int16 into
    /// each word.
    fn pack_pairs(values: [Self; 2]) -> Self::Words;
    /// Rounds floats from -63 to 63 to the nearest integers, halves to even, adds [`QUAD_OFFSET`]
    /// and packs four int8 into each word.
    fn pack_quads(values: [Self; 4]) -> Self::Words;
    /// The largest absolute value of a row; NaN if an element is NaN.
    fn largest_magnitude(row: &[Self::Element]) -> Self::Element;
}

macro_rules! scalar_integers {
    ($float:ty) => {
        impl IntegerLanes for $float {
            type Words = i32;

            fn no_words() -> i32 {
                0
            }
            fn load_words(source: &[i32]) -> i32 {
                source[0]
            }
            fn splat_word(word: u32) -> i32 {
                word as i32
            }
            fn store_words(words: i32, target: &mut [u32]) {
                target[0] = words as u32;
            }
            fn add_pairs(sums: i32, left: i32, right: i32) -> i32 {
                let halves = |word: i32| [word as i16, (word >> 16) as i16].map(i32::from);
                halves(left).into_iter().zip(halves(right)).fold(sums, |sum, (left, right)| sum + left * right)
            }
            fn add_quads(sums: i32, weights: i32, activations: i32) -> i32 {
                let quarters = |word: i32| word.to_le_bytes().map(|byte| i32::from(byte as i8));
                let (weights, activations) = (quarters(weights), quarters(activations));
                assert!(activations.iter().all(|&activation| activation >= 0));
                assert!(weights.iter().all(|&weight| weight >= -127));
                weights.into_iter().zip(activations).fold(sums, |sum, (weight, activation)| sum + weight * activation)
            }
            fn from_words(sums: i32) -> Self {
                sums as $float
            }
            fn pack_pairs(values: [Self; 2]) -> i32 {
                let [low, high] = values.map(|value| value.round_ties_even() as i32);
                low & 0xffff | high << 16
            }
            fn pack_quads(values: [Self; 4]) -> i32 {
                i32::from_le_bytes(values.map(|value| (value.round_ties_even() as i32 + QUAD_OFFSET) as u8))
            }
            fn largest_magnitude(row: &[$float]) -> $float {
                row.iter().fold(0.0, |most: $float, value| if value.abs() <= most { most } else { value.abs() + 0.0 * most })
            }
        }
    };
}

scalar_integers!(f32);
scalar_integers!(f64);

#[cfg(test)]
mod four {
    use super::super::{Element, Four};
    use super::*;
    use core::array::from_fn;

    impl<E: IntegerLanes<Element = E, Mask = bool, Words = i32> + Element> IntegerLanes for Four<E> {
        type Words = [i32; 4];

        fn no_words() -> [i32; 4] {
            [0; 4]
        }
        fn load_words(source: &[i32]) -> [i32; 4] {
            from_fn(|n| source[..4][n])
        }
        fn splat_word(word: u32) -> [i32; 4] {
            [word as i32; 4]
        }
        fn store_words(words: [i32; 4], target: &mut [u32]) {
            target[..4].copy_from_slice(&words.map(|word| word as u32));
        }
        fn add_pairs(sums: [i32; 4], left: [i32; 4], right: [i32; 4]) -> [i32; 4] {
            from_fn(|n| E::add_pairs(sums[n], left[n], right[n]))
        }
        fn add_quads(sums: [i32; 4], weights: [i32; 4], activations: [i32; 4]) -> [i32; 4] {
            from_fn(|n| E::add_quads(sums[n], weights[n], activations[n]))
        }
        fn from_words(sums: [i32; 4]) -> Self {
            Self(sums.map(E::from_words))
        }
        fn pack_pairs(values: [Self; 2]) -> [i32; 4] {
            let values = values.map(|value| value.0);
            let values = values.as_flattened();
            from_fn(|n| E::pack_pairs(from_fn(|part| values[2 * n + part])))
        }
        fn pack_quads(values: [Self; 4]) -> [i32; 4] {
            let values = values.map(|value| value.0);
            let values = values.as_flattened();
            from_fn(|n| E::pack_quads(from_fn(|part| values[4 * n + part])))
        }
        fn largest_magnitude(row: &[E]) -> E {
            E::largest_magnitude(row)
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod simd {
    use super::super::F32x4;
    use super::*;
    use core::arch::wasm32::*;

    /// 1.5 * 2^23. The sum of it and a float up to 2^22 has the nearest integer in its low bits.
    const TO_INTEGER: f32 = 12_582_912.0;

    /// The nearest integers, halves to even.
    #[inline(always)]
    fn nearest(value: F32x4) -> v128 {
        i32x4_sub(f32x4_add(value.0, f32x4_splat(TO_INTEGER)), f32x4_splat(TO_INTEGER))
    }

    impl IntegerLanes for F32x4 {
        type Words = v128;

        #[inline(always)]
        fn no_words() -> v128 {
            i32x4_splat(0)
        }
        #[inline(always)]
        fn load_words(source: &[i32]) -> v128 {
            let source: &[i32] = &source[..4];
            // SAFETY: the slice holds four words, and v128.load has no alignment requirement.
            unsafe { v128_load(source.as_ptr().cast()) }
        }
        #[inline(always)]
        fn splat_word(word: u32) -> v128 {
            u32x4_splat(word)
        }
        #[inline(always)]
        fn store_words(words: v128, target: &mut [u32]) {
            let target: &mut [u32] = &mut target[..4];
            // SAFETY: the slice holds four words, and v128.store has no alignment requirement.
            unsafe { v128_store(target.as_mut_ptr().cast(), words) }
        }
        #[inline(always)]
        fn add_pairs(sums: v128, left: v128, right: v128) -> v128 {
            i32x4_add(sums, i32x4_dot_i16x8(left, right))
        }
        #[inline(always)]
        fn add_quads(sums: v128, weights: v128, activations: v128) -> v128 {
            #[cfg(target_feature = "relaxed-simd")]
            {
                // Another instruction also sums all four products, but only processors with
                // AVX-VNNI or ARM's dot product have it. On others V8 replaces it by several
                // instructions, and LSTM(512) takes 1.2 times as long.
                let pairs = i16x8_relaxed_dot_i8x16_i7x16(weights, activations);
                i32x4_add(sums, i32x4_dot_i16x8(pairs, i16x8_splat(1)))
            }
            #[cfg(not(target_feature = "relaxed-simd"))]
            {
                let _ = (sums, weights, activations);
                unreachable!("simd128 has no product of int8")
            }
        }
        #[inline(always)]
        fn from_words(sums: v128) -> Self {
            Self(f32x4_convert_i32x4(sums))
        }
        #[inline(always)]
        fn pack_pairs([low, high]: [Self; 2]) -> v128 {
            i16x8_narrow_i32x4(nearest(low), nearest(high))
        }
        #[inline(always)]
        fn pack_quads([a, b, c, d]: [Self; 4]) -> v128 {
            let (low, high) = (i16x8_narrow_i32x4(nearest(a), nearest(b)), i16x8_narrow_i32x4(nearest(c), nearest(d)));
            i8x16_add(i8x16_narrow_i16x8(low, high), i8x16_splat(QUAD_OFFSET as i8))
        }
        #[inline(always)]
        fn largest_magnitude(row: &[f32]) -> f32 {
            // Without the sign bit, floats have the order of their bits as integers, and NaN is the
            // largest.
            let magnitude = |value: Self| v128_and(value.0, i32x4_splat(i32::MAX));
            let chunks = row.chunks_exact(4);
            let most = magnitude(Self::load_partial(chunks.remainder()));
            let most = chunks.fold(most, |most, chunk| i32x4_max(most, magnitude(Self::load(chunk))));
            let mut lanes = [0.0; 4];
            Self(most).store(&mut lanes);
            f32::from_bits(lanes.into_iter().fold(0, |most, lane| most.max(lane.to_bits())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Four;
    use super::*;

    #[test]
    fn words_hold_pairs_and_quads_in_order() {
        let numbers: [f32; 16] = core::array::from_fn(|n| n as f32 - 7.5);
        let four = |n: usize| Four([numbers[n], numbers[n + 1], numbers[n + 2], numbers[n + 3]]);
        let pairs = Four::<f32>::pack_pairs([four(0), four(4)]);
        let halves: Vec<i16> = pairs.iter().flat_map(|word| [*word as i16, (word >> 16) as i16]).collect();
        assert_eq!(halves, [-8, -6, -6, -4, -4, -2, -2, 0], "halves to even");
        let quads = Four::<f32>::pack_quads([four(0), four(4), four(8), four(12)]);
        let bytes: Vec<u8> = quads.iter().flat_map(|word| word.to_le_bytes()).collect();
        assert_eq!(bytes, [56, 58, 58, 60, 60, 62, 62, 64, 64, 66, 66, 68, 68, 70, 70, 72]);
    }

    #[test]
    fn the_largest_magnitude_has_no_sign_and_keeps_nan() {
        for length in 0..9 {
            let mut row = vec![-0.5_f32; length];
            assert_eq!(f32::largest_magnitude(&row), if length == 0 { 0.0 } else { 0.5 });
            for place in 0..length {
                row[place] = -2.0;
                assert_eq!(f32::largest_magnitude(&row), 2.0);
                row[place] = f32::NAN;
                assert!(f32::largest_magnitude(&row).is_nan(), "{place} of {length}");
                row[place] = -0.5;
            }
        }
    }
}
