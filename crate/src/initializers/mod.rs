//! Initial values of weights that are not independent random numbers.

mod orthogonal;

pub use orthogonal::{OrthogonalArguments, orthogonal, workspace_length as orthogonal_workspace_length};
