//! Where a cell's numbers are in its weights and in its saved rows.

/// Gates `gate..gate + count` of the kernel feed the blocks `block..block + count` of a saved row.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    pub gate: usize,
    pub block: usize,
    pub count: usize,
}

/// What the driver knows of a cell besides its equations. It is a value, so that the driver is not
/// compiled for each cell.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// G
    pub gates: usize,
    /// Number of states: h, and c if the cell has one.
    pub states: usize,
    /// S: blocks of a saved row.
    pub saved: usize,
    /// Number of gates that `h · recurrent_kernel` is added to. They are the first gates and the
    /// first blocks.
    pub recurrent_gates: usize,
    /// The blocks to which the input projection is added. The first segment begins at the first
    /// block and ends within those of `h · recurrent_kernel`; a second segment is all blocks after
    /// those.
    pub input: &'static [Segment],
    /// Whether the bias is `[2, G*H]`: one for the input product, one for the recurrent product.
    pub recurrent_bias: bool,
    /// Whether the recurrent product of the last gate multiplies the result of
    /// [`super::Cell::reset`] instead of h.
    pub reset: bool,
}

/// The largest number of segments of the input.
pub const MOST_SEGMENTS: usize = 2;

impl Layout {
    /// `[G*H]`, or `[2, G*H]` with a recurrent bias.
    pub fn bias_length(&self, units: usize) -> usize {
        self.gates * units * if self.recurrent_bias { 2 } else { 1 }
    }

    /// Whether each block b of a saved row is the pre-activation of gate b, with its bias, and
    /// there are no other blocks.
    pub fn blocks_are_gates(&self) -> bool {
        !self.recurrent_bias && self.gates == self.saved && self.input.iter().all(|segment| segment.gate == segment.block)
    }

    /// Whether the driver can run a cell with this layout, `states` states and `saved` saved
    /// blocks.
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
