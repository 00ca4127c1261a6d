//! A random sequence problem: sizes, options, parameters, and a loss that is linear in the outputs.

use super::definition::Kind;
use crate::activations::Pointwise;
use crate::rnn::Shape;
use crate::testing::Random;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum InputKind {
    Features,
    OneHot,
    Table,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub kind: Kind,
    pub shape: Shape,
    pub activation: Pointwise,
    pub recurrent_activation: Pointwise,
    pub input: InputKind,
    pub reverse: bool,
    pub truncate: usize,
    pub zero_output: bool,
    pub with_bias: bool,
    pub with_initial: bool,
    pub with_d_output: bool,
    pub with_d_final: bool,
}

/// Everything that the loss depends on and that can have a gradient.
#[derive(Clone)]
pub struct Parameters {
    pub kernel: Vec<f64>,
    pub recurrent_kernel: Vec<f64>,
    pub bias: Vec<f64>,
    pub x: Vec<f64>,
    pub table: Vec<f64>,
    pub initial: [Vec<f64>; 2],
}

pub struct Problem {
    pub options: Options,
    pub parameters: Parameters,
    pub ids: Vec<i32>,
    pub mask: Option<Vec<i32>>,
    /// `[T, B, H]`: the loss is the sum of `d_output * y`, ...
    pub d_output: Vec<f64>,
    /// ... `d_final[0] * last h` and `d_final[1] * last c`.
    pub d_final: [Vec<f64>; 2],
}

/// Shapes of masks: none, zeros at the end, zeros at the start, holes anywhere.
fn random_mask(shape: Shape, random: &mut Random) -> Option<Vec<i32>> {
    let style = random.size(0, 3);
    if style == 0 {
        return None;
    }
    let mut mask = vec![1; shape.positions()];
    for row in 0..shape.batch {
        let length = random.size(0, shape.steps);
        for step in 0..shape.steps {
            let valid = match style {
                1 => step < length,
                2 => step >= length,
                _ => random.chance(0.6),
            };
            mask[step * shape.batch + row] = i32::from(valid);
        }
    }
    Some(mask)
}

impl Options {
    pub fn random(kind: Kind, random: &mut Random) -> Self {
        let all = [Pointwise::Linear, Pointwise::Tanh, Pointwise::Sigmoid, Pointwise::Relu];
        let usual = random.chance(0.5);
        let input = [InputKind::Features, InputKind::OneHot, InputKind::Table][random.size(0, 2)];
        let steps = random.size(1, 7);
        Self {
            kind,
            shape: Shape {
                steps,
                batch: random.size(1, 6),
                features: random.size(1, 6),
                units: random.size(1, 9),
                vocabulary: if input == InputKind::Table { random.size(1, 20) } else { 0 },
                one_hot: false,
            },
            activation: if usual { Pointwise::Tanh } else { all[random.size(0, 3)] },
            recurrent_activation: if usual { Pointwise::Sigmoid } else { all[random.size(0, 3)] },
            input,
            reverse: random.chance(0.3),
            truncate: if random.chance(0.4) { random.size(1, steps + 1) } else { 0 },
            zero_output: random.chance(0.5),
            with_bias: random.chance(0.7),
            with_initial: random.chance(0.5),
            with_d_output: random.chance(0.6),
            with_d_final: random.chance(0.6),
        }
    }
}

impl Problem {
    pub fn random(options: Options, random: &mut Random) -> Self {
        let Shape { batch, features, units, vocabulary, .. } = options.shape;
        let positions = options.shape.positions();
        let width = options.kind.gates() * units;
        let scale = |values: Vec<f64>| values.iter().map(|value| value * 0.7).collect::<Vec<_>>();
        let parameters = Parameters {
            kernel: scale(random.numbers(features * width)),
            recurrent_kernel: scale(random.numbers(units * width)),
            bias: random.numbers(if options.with_bias { options.kind.bias_length(units) } else { 0 }),
            x: random.numbers(if options.input == InputKind::Features { positions * features } else { 0 }),
            table: random.numbers(vocabulary * features),
            initial: core::array::from_fn(|state| {
                random.numbers(if options.with_initial && state < options.kind.states() { batch * units } else { 0 })
            }),
        };
        let depth = if options.input == InputKind::OneHot { features } else { vocabulary.max(1) };
        let d_final = core::array::from_fn(|state| {
            random.numbers(if options.with_d_final && state < options.kind.states() { batch * units } else { 0 })
        });
        Self {
            parameters,
            ids: (0..positions).map(|_| random.size(0, depth - 1) as i32).collect(),
            mask: random_mask(options.shape, random),
            d_output: random.numbers(if options.with_d_output { positions * units } else { 0 }),
            d_final,
            options,
        }
    }

    /// Row of `[T, B]` that processing step `step` of a sequence reads.
    pub fn input_position(&self, step: usize, row: usize) -> usize {
        let Shape { steps, batch, .. } = self.options.shape;
        (if self.options.reverse { steps - 1 - step } else { step }) * batch + row
    }

    pub fn is_valid(&self, step: usize, row: usize) -> bool {
        self.mask.as_ref().is_none_or(|mask| mask[self.input_position(step, row)] != 0)
    }
}
