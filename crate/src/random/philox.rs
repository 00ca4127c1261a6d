//! The Philox4x32-10 block function and the counter layout of [`super`].

use crate::lanes::{Factors, Words};

/// Round multipliers and key increments of Philox4x32 (Salmon et al., tables 2 and 3; the
/// increments are the golden ratio and sqrt(3) - 1 in 32-bit fixed point).
const MULTIPLIER_0: u32 = 0xD251_1F53;
const MULTIPLIER_1: u32 = 0xCD9E_8D57;
const KEY_INCREMENT_0: u32 = 0x9E37_79B9;
const KEY_INCREMENT_1: u32 = 0xBB67_AE85;
const ROUNDS: u32 = 10;

/// The last word of the counter. With it, different uses of one subsequence get different numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    Uniform = 0,
    Normal = 1,
    TruncatedNormal = 2,
    Dropout = 3,
    Noise = 4,
}

/// Four random words from a key and a counter.
#[inline(always)]
pub fn philox4x32(key: [u32; 2], counter: [u32; 4]) -> [u32; 4] {
    let [mut key_0, mut key_1] = key;
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    for _ in 0..ROUNDS {
        let product_0 = u64::from(MULTIPLIER_0) * u64::from(c0);
        let product_1 = u64::from(MULTIPLIER_1) * u64::from(c2);
        c0 = (product_1 >> 32) as u32 ^ c1 ^ key_0;
        c2 = (product_0 >> 32) as u32 ^ c3 ^ key_1;
        c1 = product_1 as u32;
        c3 = product_0 as u32;
        key_0 = key_0.wrapping_add(KEY_INCREMENT_0);
        key_1 = key_1.wrapping_add(KEY_INCREMENT_1);
    }
    [c0, c1, c2, c3]
}

/// [`philox4x32`] for four counters at once. `counters[word]` and `result[word]` have that word of
/// each counter. One counter alone would wait for the latency of its multiplications.
#[inline(always)]
pub fn four_philox4x32(key: [u32; 2], counters: [Words; 4]) -> [Words; 4] {
    let [mut key_0, mut key_1] = key;
    let [mut c0, mut c1, mut c2, mut c3] = counters;
    for _ in 0..ROUNDS {
        let (high_0, low_0) = c0.multiply_wide(&const { Factors::splat(MULTIPLIER_0) });
        let (high_1, low_1) = c2.multiply_wide(&const { Factors::splat(MULTIPLIER_1) });
        c0 = high_1.xor(c1).xor(Words::splat(key_0));
        c2 = high_0.xor(c3).xor(Words::splat(key_1));
        c1 = low_1;
        c3 = low_0;
        key_0 = key_0.wrapping_add(KEY_INCREMENT_0);
        key_1 = key_1.wrapping_add(KEY_INCREMENT_1);
    }
    [c0, c1, c2, c3]
}

/// The upper 24 bits of a word, as a fraction in `[0, 1)`.
#[inline(always)]
pub fn fraction(word: u32) -> f64 {
    f64::from(word >> 8) * (1.0 / 16_777_216.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers of Random123 1.14 (`tests/kat_vectors`, lines `philox4x32 10`): counter, key,
    /// result.
    const KNOWN_ANSWERS: [([u32; 4], [u32; 2], [u32; 4]); 3] = [
        ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
        ([0xffff_ffff; 4], [0xffff_ffff; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
        (
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        ),
    ];

    #[test]
    fn matches_random123() {
        for (counter, key, words) in KNOWN_ANSWERS {
            assert_eq!(philox4x32(key, counter), words);
        }
    }

    #[test]
    fn four_at_once_are_the_same_four() {
        let counters: [[u32; 4]; 4] = core::array::from_fn(|n| philox4x32([1, 2], [n as u32; 4]));
        let together = four_philox4x32([3, 4], Words::transpose(counters.map(Words::new)));
        let apart = counters.map(|counter| philox4x32([3, 4], counter));
        assert_eq!(Words::transpose(together).map(Words::to_array), apart);
    }

    #[test]
    fn fractions_stay_below_one() {
        assert_eq!(fraction(0), 0.0);
        assert_eq!(fraction(u32::MAX), 1.0 - 1.0 / 16_777_216.0);
    }
}
