//! A loop that reaches the processor's peak, with which benchmarks compare kernels. Only in builds
//! with the feature `bench`.

use crate::lanes::{F32x4, Lanes};
use wasm_bindgen::prelude::wasm_bindgen;

/// Independent chains: enough to hide the latency of a multiplication and an addition on two ports
/// each, and few enough to stay in sixteen registers together with the two constants. An iteration
/// has one multiply-add of each chain. With more, the compiler orders them chain by chain, and the
/// processor executes too few chains at once (29 instead of 51 GFLOP/s without relaxed SIMD).
const CHAINS: usize = 12;

/// Computes multiply-adds in registers only, `peak_multiply_add_operations` floating-point
/// operations in each iteration. The compiler cannot remove them, because the result is a function
/// of all.
#[wasm_bindgen]
pub fn peak_multiply_add(iterations: u32) -> f32 {
    multiply_add_chains::<F32x4>(iterations)
}

/// Floating-point operations in one iteration of `peak_multiply_add`. A multiply-add is two
/// operations in each lane.
#[wasm_bindgen]
pub fn peak_multiply_add_operations() -> u32 {
    (CHAINS * F32x4::WIDTH * 2) as u32
}

fn multiply_add_chains<L: Lanes<Element = f32>>(iterations: u32) -> f32 {
    // Known only at run time. Optimisers would fold constants into the chains and into every use.
    let small = 1e-9 * iterations as f32;
    let factor = L::splat(1.0 - small);
    let addend = L::splat(small);
    let mut chains = [L::splat(0.0); CHAINS];
    for (start, chain) in chains.iter_mut().enumerate() {
        *chain = L::splat(start as f32);
    }
    for _ in 0..iterations {
        for chain in &mut chains {
            *chain = chain.mul_add(factor, addend);
        }
    }
    chains.into_iter().fold(L::splat(0.0), L::add).sum()
}
