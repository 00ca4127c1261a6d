//! All exports except the layers of quantised models.

mod activations;
#[cfg(feature = "bench")]
mod bench;
mod dense;
mod ids;
mod losses;
mod mask;
mod movers;
mod optimizers;
#[cfg(feature = "wide")]
mod probe;
mod random;
mod sequence;
mod windows;
