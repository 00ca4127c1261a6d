//! Starting values of weights that need more than independent random numbers.

mod orthogonal;

pub use orthogonal::{OrthogonalArguments, orthogonal, workspace_length as orthogonal_workspace_length};
