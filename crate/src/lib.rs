//! Kernels of Backtime: the forward and backward math of recurrent networks, for WebAssembly SIMD.
#![deny(unsafe_code)]

pub mod activations;
pub mod descriptors;
#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code)]
pub mod exports;
pub mod gemm;
pub mod initializers;
#[allow(unsafe_code)]
pub mod lanes;
pub mod layers;
pub mod losses;
pub mod math;
pub mod optimizers;
pub mod pointwise;
pub mod random;
pub mod rnn;
#[cfg(test)]
mod testing;
