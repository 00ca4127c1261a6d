//! Arguments of the sequence kernels: [`crate::descriptors::SequenceForward`] and
//! [`crate::descriptors::SequenceBackward`] with slices instead of addresses.

/// Sizes of one sequence batch.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// T
    pub steps: usize,
    /// B
    pub batch: usize,
    /// D
    pub features: usize,
    /// H
    pub units: usize,
    /// V, 0 without a table
    pub vocabulary: usize,
    /// Whether the input is one-hot rows, given as ids. They need less workspace.
    pub one_hot: bool,
}

impl Shape {
    /// T*B
    pub fn positions(&self) -> usize {
        self.steps * self.batch
    }
}

/// The input of all steps.
#[derive(Clone, Copy)]
pub enum Input<'a, E> {
    /// `[T, B, D]`
    Features(&'a [E]),
    /// `[T, B]`: one-hot rows of depth D.
    OneHot(&'a [i32]),
    /// `ids`, `[T, B]`, into `table`, `[V, D]`.
    Table { ids: &'a [i32], table: &'a [E] },
}

/// Arguments of [`super::forward`], with kernels `K` ([`super::Kernel`]). States are `[h]` or
/// `[h, c]`.
pub struct Forward<'a, E, K, const STATES: usize> {
    pub shape: Shape,
    /// Processing step s reads input step T-1-s.
    pub reverse: bool,
    pub input: Input<'a, E>,
    /// `[T, B]`, 0 where the step is skipped.
    pub mask: Option<&'a [i32]>,
    /// `[D, G*H]`
    pub kernel: K,
    /// `[H, G*H]`
    pub recurrent_kernel: K,
    /// `[G*H]`, or `[2, G*H]` with a recurrent bias.
    pub bias: Option<&'a [E]>,
    /// `[B, H]` each; zeros when absent.
    pub initial: [Option<&'a [E]>; STATES],
    /// `[T, B, S*H]`, of which the first N rows are used; absent when no backward pass follows.
    pub saved: Option<&'a mut [E]>,
    /// `[T, B, H]` each. When no backward pass follows, also `[B, H]`: the states after the last
    /// step.
    pub states: [&'a mut [E]; STATES],
    /// `[T, B, H]`
    pub y: Option<&'a mut [E]>,
    pub workspace: &'a mut [E],
    pub integers: &'a mut [u32],
}

/// Arguments of [`super::backward`]. States are `[h]` or `[h, c]`.
pub struct Backward<'a, E, const STATES: usize> {
    pub shape: Shape,
    pub reverse: bool,
    /// Steps of a chunk, counted back from the last processing step; 0: all steps are one chunk.
    pub truncate: usize,
    pub input: Input<'a, E>,
    /// `[T, B]`
    pub mask: Option<&'a [i32]>,
    /// `[D, G*H]`
    pub kernel: &'a [E],
    /// `[H, G*H]`
    pub recurrent_kernel: &'a [E],
    /// `[B, H]` each.
    pub initial: [Option<&'a [E]>; STATES],
    /// `[T, B, S*H]` from forward; overwritten with the gradients of the pre-activations.
    pub saved: &'a mut [E],
    /// `[T, B, H]` each, from forward.
    pub states: [&'a [E]; STATES],
    /// `[T, B, H]`
    pub d_output: Option<&'a [E]>,
    /// `[B, H]` each.
    pub d_final: [Option<&'a [E]>; STATES],
    /// Outputs at masked steps were zeros.
    pub zero_output: bool,
    /// `[D, G*H]`
    pub d_kernel: &'a mut [E],
    /// `[H, G*H]`
    pub d_recurrent_kernel: &'a mut [E],
    /// `[G*H]` or `[2, G*H]`
    pub d_bias: Option<&'a mut [E]>,
    /// `[T, B, D]`; only with `Input::Features`.
    pub d_x: Option<&'a mut [E]>,
    /// `[V, D]`; present if and only if the input is an `Input::Table`.
    pub d_table: Option<&'a mut [E]>,
    /// `[B, H]` each.
    pub d_initial: [Option<&'a mut [E]>; STATES],
    pub workspace: &'a mut [E],
    pub integers: &'a mut [u32],
}
