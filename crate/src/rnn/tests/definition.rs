//! The sequence by its definition, one unit at a time: what the kernels must agree with.

use super::problem::{InputKind, Parameters, Problem};
use crate::activations::Activation;
use crate::rnn::Shape;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    SimpleRnn,
    Lstm,
    GruResetAfter,
    GruResetBefore,
}

impl Kind {
    pub fn gates(self) -> usize {
        match self {
            Self::SimpleRnn => 1,
            Self::Lstm => 4,
            Self::GruResetAfter | Self::GruResetBefore => 3,
        }
    }
    pub fn states(self) -> usize {
        if self == Self::Lstm { 2 } else { 1 }
    }
    pub fn bias_length(self, units: usize) -> usize {
        self.gates() * units * if self == Self::GruResetAfter { 2 } else { 1 }
    }
}

/// h and c of one sequence.
type State = [Vec<f64>; 2];

pub struct Outcome {
    /// `[T, B, H]` each.
    pub states: [Vec<f64>; 2],
    /// `[T, B, H]`: zeros at masked steps.
    pub y: Vec<f64>,
    pub loss: f64,
}

/// Runs all sequences. At the start of a chunk other than the first, the state is taken from
/// `constants` when given: this is what truncation means.
pub fn run(problem: &Problem, parameters: &Parameters, constants: Option<&Outcome>) -> Outcome {
    let options = &problem.options;
    let Shape { steps, batch, units, .. } = options.shape;
    let size = options.shape.positions() * units;
    let mut outcome = Outcome { states: [vec![0.0; size], vec![0.0; size]], y: vec![0.0; size], loss: 0.0 };
    for row in 0..batch {
        let mut state: State = core::array::from_fn(|n| match parameters.initial[n].is_empty() {
            true => vec![0.0; units],
            false => parameters.initial[n][row * units..][..units].to_vec(),
        });
        for step in 0..steps {
            let chunk_starts = step > 0 && options.truncate > 0 && (steps - step).is_multiple_of(options.truncate);
            if let (true, Some(constants)) = (chunk_starts, constants) {
                state = core::array::from_fn(|n| constants.states[n][((step - 1) * batch + row) * units..][..units].to_vec());
            }
            let valid = problem.is_valid(step, row);
            if valid {
                state = advance(problem, parameters, &input(problem, parameters, step, row), &state);
            }
            let start = (step * batch + row) * units;
            for (states, state) in outcome.states.iter_mut().zip(&state) {
                states[start..][..units].copy_from_slice(state);
            }
            if valid {
                outcome.y[start..][..units].copy_from_slice(&state[0]);
            }
            if options.with_d_output {
                let output = if options.zero_output { &outcome.y[start..][..units] } else { &state[0] };
                outcome.loss += output.iter().zip(&problem.d_output[start..]).map(|(a, b)| a * b).sum::<f64>();
            }
        }
        for (last, d_final) in state.iter().zip(&problem.d_final).filter(|(_, d_final)| !d_final.is_empty()) {
            outcome.loss += last.iter().zip(&d_final[row * units..]).map(|(a, b)| a * b).sum::<f64>();
        }
    }
    outcome
}

fn input(problem: &Problem, parameters: &Parameters, step: usize, row: usize) -> Vec<f64> {
    let features = problem.options.shape.features;
    let position = problem.input_position(step, row);
    let id = problem.ids[position] as usize;
    match problem.options.input {
        InputKind::Features => parameters.x[position * features..][..features].to_vec(),
        InputKind::Table => parameters.table[id * features..][..features].to_vec(),
        InputKind::OneHot => (0..features).map(|feature| f64::from(u8::from(feature == id))).collect(),
    }
}

/// One step of one sequence: the equations of the Keras page of each layer.
fn advance(problem: &Problem, parameters: &Parameters, x: &[f64], [h, c]: &State) -> State {
    let options = &problem.options;
    let units = options.shape.units;
    let width = options.kind.gates() * units;
    let bias = |index: usize| parameters.bias.get(index).copied().unwrap_or(0.0);
    let a = |value: f64| options.activation.apply(value);
    let ra = |value: f64| options.recurrent_activation.apply(value);
    let dot = |vector: &[f64], matrix: &[f64], column: usize| -> f64 {
        vector.iter().enumerate().map(|(index, value)| value * matrix[index * width + column]).sum()
    };
    let from_x = |gate: usize, unit: usize| dot(x, &parameters.kernel, gate * units + unit) + bias(gate * units + unit);
    let from_h = |gate: usize, unit: usize| dot(h, &parameters.recurrent_kernel, gate * units + unit);
    let mut next = [vec![0.0; units], vec![0.0; units]];
    match options.kind {
        Kind::SimpleRnn => {
            next[0] = (0..units).map(|u| a(from_x(0, u) + from_h(0, u))).collect();
        }
        Kind::Lstm => {
            for u in 0..units {
                let gate = |gate| from_x(gate, u) + from_h(gate, u);
                next[1][u] = ra(gate(1)) * c[u] + ra(gate(0)) * a(gate(2));
                next[0][u] = ra(gate(3)) * a(next[1][u]);
            }
        }
        Kind::GruResetAfter => {
            let from_h = |gate: usize, u: usize| from_h(gate, u) + bias(width + gate * units + u);
            for u in 0..units {
                let z = ra(from_x(0, u) + from_h(0, u));
                let r = ra(from_x(1, u) + from_h(1, u));
                next[0][u] = z * h[u] + (1.0 - z) * a(from_x(2, u) + r * from_h(2, u));
            }
        }
        Kind::GruResetBefore => {
            let reset: Vec<f64> = (0..units).map(|u| ra(from_x(1, u) + from_h(1, u)) * h[u]).collect();
            for u in 0..units {
                let z = ra(from_x(0, u) + from_h(0, u));
                let g = a(from_x(2, u) + dot(&reset, &parameters.recurrent_kernel, 2 * units + u));
                next[0][u] = z * h[u] + (1.0 - z) * g;
            }
        }
    }
    next
}
