//! Where a cell's numbers are in its weights and in its saved rows.

/// Gates `gate..gate + count` of the kernel feed the blocks `block..block + count` of a saved row.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    pub gate: usize,
    pub block: usize,
    pub count: usize,
}

/// What the driver knows of a cell besides its equations: a value, so that the driver is not
/// compiled for each cell.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// G
    pub gates: usize,
    /// h, and c where there is one.
    pub states: usize,
    /// S: blocks of a saved row.
    pub saved: usize,
    /// How many gates, from the first, `h · recurrent_kernel` feeds; they feed the first blocks.
    pub recurrent_gates: usize,
    /// Where the input projection goes: the first segment to the first block and on among those
    /// that `h · recurrent_kernel` feeds, a second to all blocks after those.
    pub input: &'static [Segment],
    /// Whether the bias is `[2, G*H]`, of the input and of the recurrent product.
    pub recurrent_bias: bool,
    /// Whether the last gate's recurrent product takes [`super::Cell::reset`]'s result instead of
    /// h.
    pub reset: bool,
}

/// Segments of the input at most.
pub const MOST_SEGMENTS: usize = 2;

impl Layout {
    /// `[G*H]`, or `[2, G*H]` with a recurrent bias.
    pub fn bias_length(&self, units: usize) -> usize {
        self.gates * units * if self.recurrent_bias { 2 } else { 1 }
    }

    /// Whether block b of a saved row gets gate b's pre-activation, bias and all, and there are no
    /// other blocks.
    pub fn blocks_are_gates(&self) -> bool {
        !self.recurrent_bias && self.gates == self.saved && self.input.iter().all(|segment| segment.gate == segment.block)
    }

    /// Whether it is what the driver expects of a cell with so many states and saved blocks.
    pub const fn fits(&self, states: usize, saved: usize) -> bool {
        let (first, rest) = match self.input {
            [first] => (first, self.recurrent_gates == saved),
            [first, second] => (first, second.block >= self.recurrent_gates && second.block + second.count == saved),
            _ => return false,
        };
        let first_fits = first.block == 0 && first.count <= self.recurrent_gates;
        self.states == states && self.saved == saved && first_fits && rest
    }
}
