//! The windows of pooling and convolution along one axis of a sample.

use core::ops::Range;

/// The windows along one axis. Tap t of the window of output o reads the input
/// `o * stride + t * dilation - before`, or padding if there is no such input.
#[derive(Clone, Copy, Debug)]
pub struct Windows {
    /// Places of the input.
    pub input: usize,
    /// Places of the output.
    pub output: usize,
    /// Taps of a window.
    pub size: usize,
    pub stride: usize,
    pub dilation: usize,
    /// Places of padding before the input.
    pub before: usize,
}

impl Windows {
    /// The input that a tap of an output's window reads; `None` for padding.
    pub fn input_of(&self, output: usize, tap: usize) -> Option<usize> {
        (output * self.stride + tap * self.dilation).checked_sub(self.before).filter(|&place| place < self.input)
    }

    /// The outputs of which a tap reads an input, not padding.
    pub fn outputs_of(&self, tap: usize) -> Range<usize> {
        let offset = tap * self.dilation;
        let first = self.before.saturating_sub(offset).div_ceil(self.stride);
        let end = (self.input + self.before).saturating_sub(offset).div_ceil(self.stride).min(self.output);
        first.min(end)..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_of_a_tap_are_those_that_see_an_input() {
        for numbers in 0..3 * 3 * 3 * 4 * 4 {
            let (size, rest) = (numbers % 3 + 1, numbers / 3);
            let (stride, rest) = (rest % 3 + 1, rest / 3);
            let (dilation, rest) = (rest % 3 + 1, rest / 3);
            let windows = Windows { input: 5, output: rest / 4 + 1, size, stride, dilation, before: rest % 4 };
            for tap in 0..size {
                let seen: Vec<usize> = (0..windows.output).filter(|&output| windows.input_of(output, tap).is_some()).collect();
                assert_eq!(windows.outputs_of(tap).collect::<Vec<_>>(), seen, "{windows:?}, tap {tap}");
            }
        }
    }
}
