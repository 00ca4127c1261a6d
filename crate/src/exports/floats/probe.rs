//! Two loops to be timed, which show whether the engine combines two adjacent vectors into one of
//! twice the width. Only in the wide build.

use crate::lanes::{F32x4, Lanes};
use wasm_bindgen::prelude::wasm_bindgen;

/// Chains of multiply-adds. Together with the two constants they fill the registers.
const CHAINS: usize = 12;

/// Computes multiply-adds whose results are adjacent, as in a tile, or as many whose results are
/// not. Both loops are in one function, because engines optimise a function as a whole.
#[wasm_bindgen]
pub fn probe(neighbours: bool, iterations: u32) -> f32 {
    if neighbours { run::<1>(iterations) } else { run::<2>(iterations) }
}

/// The results of the chains, in every `DISTANCE`-th vector.
#[inline(always)]
fn run<const DISTANCE: usize>(iterations: u32) -> f32 {
    // Known only at run time. Otherwise the compiler would compute the result.
    let small = 1e-9 * iterations as f32;
    let [factor, addend] = [1.0 - small, small].map(F32x4::splat);
    let mut chains: [F32x4; CHAINS] = core::array::from_fn(|chain| F32x4::splat(chain as f32));
    for _ in 0..iterations {
        for chain in &mut chains {
            *chain = chain.mul_add(factor, addend);
        }
    }
    let mut results = [[0.0; F32x4::WIDTH]; 2 * CHAINS];
    for (chain, result) in chains.into_iter().zip(results.iter_mut().step_by(DISTANCE)) {
        chain.store(result);
    }
    core::hint::black_box(&results)[0][0]
}
