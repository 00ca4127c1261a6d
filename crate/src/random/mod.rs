//! Counter-based random numbers. Every number is a function of the seed and of the place where it
//! is used, so the generator has no state, and numbers can be computed in any order.
//!
//! The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as
//! 1, 2, 3", SC 2011): it computes four 32-bit words from a 128-bit counter and a 64-bit key.
//! `ts/backend/reference` implements the same algorithm.
//!
//! # Counter layout
//!
//! | word | content |
//! |---|---|
//! | key 0, key 1 | `seed_low`, `seed_high` |
//! | counter 0 | block: `floor(element / 4)`, modulo 2^32 |
//! | counter 1 | round: the iteration for dropout and noise; the attempt (0, 1, ...) for truncated normals; 0 otherwise |
//! | counter 2 | `subsequence` |
//! | counter 3 | purpose: 0 uniform, 1 normal, 2 truncated normal, 3 dropout, 4 noise |
//!
//! The four output words of a block are its lanes: element `e` uses lane `e mod 4` of block
//! `floor(e / 4)`.
//!
//! # From words to numbers
//!
//! * Fraction of a word: `f(w) = floor(w / 256) / 2^24`, a multiple of 2^-24 in `[0, 1)`, exact in
//!   float32.
//! * **Uniform** (`RandomUniform`): element `e` is `low + (high - low) * f(lane)`.
//! * **Normal** (`RandomNormal`): lanes 0 and 1 make one Box-Muller pair, lanes 2 and 3 another. Of
//!   a pair `(a, b)`: `radius = sqrt(-2 ln(f(a) + 2^-24))`, `angle = 2 pi f(b)`; the even lane is
//!   `z = radius * cos(angle)`, the odd lane `z = radius * sin(angle)`. The element is
//!   `mean + standard_deviation * z`. `z` is always computed in float64, then rounded.
//! * **Truncated normal**: as normal with purpose 2; an element whose `|z| > 2` takes the same lane
//!   of the same block at the next attempt (counter 1 + 1), until `|z| <= 2`. Each element has its
//!   own number of attempts.
//! * **Dropout**: `e = (step * total_rows + first_row + row) * features + feature` (with
//!   `shared_over_steps`, `step` is 0), where `counter = [iteration, first_row, total_rows]`. The
//!   element is kept when `floor(lane / 256) >= ceil(rate * 2^24)`, where `rate` is first rounded
//!   to float32 (the product is then exact in float64); a kept element is `x * (1 / (1 - rate))`, a
//!   dropped one is 0 whatever `x` was, NaN included.
//! * **Noise** (`NormalNoise`): `z` of a normal number, for the same `e` as dropout.
//! * **Orthogonal** starts from the normal matrix `a[i] = z` of element `i` (purpose 1), row-major
//!   `[max, min]`.

mod dropout;
mod normal;
mod philox;
mod uniform;

pub use dropout::{DropoutArguments, dropout};
pub use normal::{NoisePlace, noise, normal, truncated_normal};

use crate::lanes::Words;
use philox::four_philox4x32;

pub use philox::{Purpose, fraction, philox4x32};
pub use uniform::uniform;

/// The numbers of one subsequence of one seed.
#[derive(Clone, Copy, Debug)]
pub struct Subsequence {
    /// `[seed_low, seed_high]`
    pub seed: [u32; 2],
    pub number: u32,
}

impl Subsequence {
    /// The four words of a block.
    #[inline(always)]
    fn block(self, purpose: Purpose, round: u32, block: u64) -> [u32; 4] {
        philox4x32(self.seed, [block as u32, round, self.number, purpose as u32])
    }

    /// The words of the four blocks from `first` on, in the order of elements.
    #[inline(always)]
    fn four_blocks(self, purpose: Purpose, round: u32, first: u64) -> [[u32; 4]; 4] {
        let blocks = Words::new(core::array::from_fn(|n| (first + n as u64) as u32));
        let words = four_philox4x32(self.seed, [blocks, Words::splat(round), Words::splat(self.number), Words::splat(purpose as u32)]);
        Words::transpose(words).map(Words::to_array)
    }
}
