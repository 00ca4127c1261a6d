//! Every cell under every option: forward against the definition, gradients against its central
//! differences.

mod definition;
mod kernels;
mod problem;

use crate::activations::Pointwise;
use crate::lanes::Four;
use crate::rnn::Shape;
use crate::testing::{Random, assert_near};
use definition::Kind;
use kernels::Results;
use problem::{InputKind, Options, Parameters, Problem};

const KINDS: [Kind; 4] = [Kind::SimpleRnn, Kind::Lstm, Kind::GruResetAfter, Kind::GruResetBefore];
/// Step of the four-point central difference and the relative error allowed: truncation (the step⁴,
/// times a fifth derivative of up to millions where gates are unbounded) and cancellation (in
/// losses of thousands there).
const SMOOTH: (f64, f64) = (1e-4, 3e-8);
/// For relu: a step so small that none of the seeded problems crosses a kink.
const KINKED: (f64, f64) = (1e-7, 1e-7);
/// Elements of each gradient that are checked; all of small ones.
const SAMPLES: usize = 60;

type Select<'s> = &'s dyn Fn(&mut Parameters) -> &mut Vec<f64>;

/// The gradient of the loss for one tensor of the parameters, at up to `SAMPLES` random places.
fn check_gradient(problem: &Problem, select: Select, gradient: &[f64], random: &mut Random, what: &str) {
    let (step, tolerance) = if problem.options.activation == Pointwise::Relu { KINKED } else { SMOOTH };
    let constants = definition::run(problem, &problem.parameters, None);
    let mut parameters = problem.parameters.clone();
    let count = select(&mut parameters).len();
    assert_eq!(gradient.len(), count, "{what}");
    let mut loss_at = |place: usize, offset: f64| {
        select(&mut parameters)[place] += offset;
        let loss = definition::run(problem, &parameters, Some(&constants)).loss;
        select(&mut parameters)[place] -= offset;
        loss
    };
    for &place in random.permutation(count).iter().take(SAMPLES) {
        let [near, far] = [step, 2.0 * step].map(|step| loss_at(place, step) - loss_at(place, -step));
        let difference = (8.0 * near - far) / (12.0 * step);
        assert_near(&[gradient[place]], &[difference], tolerance, &format!("{what}[{place}] of {:?}", problem.options));
    }
}

fn check(problem: &Problem, random: &mut Random) -> Results {
    let results = kernels::run::<f64>(problem);
    let expected = definition::run(problem, &problem.parameters, None);
    let options = &problem.options;
    for n in 0..options.kind.states() {
        assert_near(&results.states[n], &expected.states[n], 1e-12, &format!("state {n} of {options:?}"));
    }
    assert_near(&results.y, &expected.y, 1e-12, &format!("y of {options:?}"));
    check_gradient(problem, &|p| &mut p.kernel, &results.d_kernel, random, "d_kernel");
    check_gradient(problem, &|p| &mut p.recurrent_kernel, &results.d_recurrent_kernel, random, "d_recurrent_kernel");
    check_gradient(problem, &|p| &mut p.bias, &results.d_bias, random, "d_bias");
    check_gradient(problem, &|p| &mut p.x, &results.d_x, random, "d_x");
    check_gradient(problem, &|p| &mut p.table, &results.d_table, random, "d_table");
    if options.with_initial {
        for n in 0..options.kind.states() {
            check_gradient(problem, &|p| &mut p.initial[n], &results.d_initial[n], random, "d_initial");
        }
    }
    kernels::run::<Four<f64>>(problem).assert_near(&results, 1e-11, &format!("in four lanes, of {options:?}"));
    results
}

/// Relu has no derivative at 0, so a central difference across it is not a gradient.
fn smooth(options: Options) -> Options {
    let replace = |activation| if activation == Pointwise::Relu { Pointwise::Tanh } else { activation };
    Options { activation: replace(options.activation), recurrent_activation: replace(options.recurrent_activation), ..options }
}

fn check_random(kind: Kind, count: usize, seed: u64) {
    let mut random = Random::new(seed);
    for _ in 0..count {
        let problem = Problem::random(smooth(Options::random(kind, &mut random)), &mut random);
        check(&problem, &mut random);
    }
}

#[test]
fn simple_rnn() {
    check_random(Kind::SimpleRnn, 120, 10);
}

#[test]
fn lstm() {
    check_random(Kind::Lstm, 120, 11);
}

#[test]
fn gru_reset_after() {
    check_random(Kind::GruResetAfter, 120, 12);
}

#[test]
fn gru_reset_before() {
    check_random(Kind::GruResetBefore, 120, 13);
}

/// All options off, then what `change` sets.
fn plain(kind: Kind, change: impl Fn(&mut Options)) -> Options {
    let mut options = Options {
        kind,
        shape: Shape { steps: 6, batch: 3, features: 4, units: 5, vocabulary: 0, one_hot: false },
        activation: Pointwise::Tanh,
        recurrent_activation: Pointwise::Sigmoid,
        input: InputKind::Features,
        reverse: false,
        truncate: 0,
        zero_output: false,
        with_bias: true,
        with_initial: false,
        with_d_output: true,
        with_d_final: true,
    };
    change(&mut options);
    options
}

#[test]
fn relu_cells() {
    let mut random = Random::new(14);
    for kind in KINDS {
        let options = plain(kind, |options| options.activation = Pointwise::Relu);
        check(&Problem::random(options, &mut random), &mut random);
    }
}

#[test]
fn sizes_beyond_the_blocks_of_a_product() {
    let mut random = Random::new(15);
    for (kind, input) in KINDS.into_iter().zip([InputKind::Table, InputKind::Features, InputKind::Table, InputKind::OneHot]) {
        let vocabulary = if input == InputKind::Table { 11 } else { 0 };
        let options = plain(kind, |options| {
            options.shape = Shape { steps: 55, batch: 5, features: 3, units: 9, vocabulary, one_hot: false };
            options.input = input;
            options.truncate = 20;
        });
        check(&Problem::random(options, &mut random), &mut random);
    }
}

/// More valid steps than the weights' gradients are added up for at once: without a mask, with one
/// step of no sequence, and with only the last chunk counting.
#[test]
fn gradients_of_many_steps() {
    let mut random = Random::new(20);
    let shape = Shape { steps: 14, batch: 90, features: 3, units: 2, vocabulary: 0, one_hot: false };
    for kind in KINDS {
        for input in [InputKind::Features, InputKind::OneHot, InputKind::Table] {
            let options = plain(kind, |options| {
                options.shape = Shape { vocabulary: if input == InputKind::Table { 11 } else { 0 }, ..shape };
                options.input = input;
                options.with_initial = true;
            });
            let mut problem = Problem::random(options, &mut random);
            problem.mask = None;
            check(&problem, &mut random);
            let mask: Vec<i32> = (0..shape.positions()).map(|position| i32::from(position / 90 != 7 && random.chance(0.9))).collect();
            assert!(mask.iter().sum::<i32>() > 1000);
            problem.mask = Some(mask);
            check(&problem, &mut random);
            problem.options.truncate = 8;
            problem.d_output.clear();
            problem.options.with_d_output = false;
            check(&problem, &mut random);
        }
    }
}

/// Steps of one to five sequences, of which low ones are not packed for; five, so that each step
/// could be projected by itself.
#[test]
fn few_valid_steps() {
    let mut random = Random::new(21);
    for kind in KINDS {
        for with_initial in [false, true] {
            for count in 0..=15 {
                let options = plain(kind, |options| {
                    options.shape = Shape { steps: 3, batch: 5, features: 4, units: 5, vocabulary: 0, one_hot: false };
                    options.with_initial = with_initial;
                });
                let mut problem = Problem::random(options, &mut random);
                problem.mask = Some((0..15).map(|position| i32::from(position % 5 * 3 + position / 5 < count)).collect());
                check(&problem, &mut random);
            }
        }
    }
}

/// One lane and four.
fn run_both(problem: &Problem) {
    kernels::run::<Four<f64>>(problem).assert_near(&kernels::run::<f64>(problem), 1e-10, "in four lanes");
}

/// Inputs that are projected for several groups of steps when no backward pass follows, see
/// [`kernels::run`]: too few sequences for a product each step, many of which few are alive, and a
/// table of which most ids differ; without a mask, and with one that leaves whole groups empty.
#[test]
fn groups_of_steps_without_backward() {
    let mut random = Random::new(22);
    for kind in KINDS {
        for (batch, input, alive) in [
            (1, InputKind::Features, 1.0),
            (3, InputKind::Features, 0.9),
            (9, InputKind::Features, 0.4),
            (7, InputKind::Table, 0.9),
            (1100, InputKind::Table, 0.9),
        ] {
            let vocabulary = if input == InputKind::Table { 100_000 } else { 0 };
            let shape = Shape { steps: 6000 / batch, batch, features: 3, units: 5, vocabulary, one_hot: false };
            let options = plain(kind, |options| {
                options.shape = shape;
                options.input = input;
                options.reverse = batch == 3;
            });
            let mut problem = Problem::random(options, &mut random);
            problem.mask = None;
            run_both(&problem);
            let is_empty = |step: usize| (shape.steps / 3..shape.steps / 3 * 2).contains(&step);
            let mask = (0..shape.positions()).map(|position| i32::from(!is_empty(position / batch) && random.chance(alive)));
            problem.mask = Some(mask.collect());
            run_both(&problem);
        }
    }
}

#[test]
fn only_the_last_chunk_counts_without_gradients_of_single_outputs() {
    let mut random = Random::new(16);
    for kind in KINDS {
        let options = plain(kind, |options| {
            options.truncate = 2;
            options.with_d_output = false;
            options.with_initial = true;
        });
        let mut problem = Problem::random(options, &mut random);
        problem.mask = None;
        let results = check(&problem, &mut random);
        let size = 3 * 4;
        assert!(results.d_x[..4 * size].iter().all(|&value| value == 0.0), "steps before the last chunk have gradients");
        assert!(results.d_x[4 * size..].iter().any(|&value| value != 0.0), "steps of the last chunk have none");
        assert!(results.d_initial[0].iter().all(|&value| value == 0.0));
    }
}

#[test]
fn a_chunk_of_all_steps_is_no_truncation() {
    let mut random = Random::new(17);
    for kind in KINDS {
        let mut problem = Problem::random(plain(kind, |options| options.with_initial = true), &mut random);
        let whole = kernels::run::<f64>(&problem);
        problem.options.truncate = 6;
        let truncated = kernels::run::<f64>(&problem);
        assert_eq!(whole.d_recurrent_kernel, truncated.d_recurrent_kernel);
        assert_eq!(whole.d_initial, truncated.d_initial);
    }
}

#[test]
fn no_gradient_gives_zeros() {
    let mut random = Random::new(18);
    for kind in KINDS {
        let options = plain(kind, |options| {
            options.with_d_output = false;
            options.with_d_final = false;
        });
        let results = kernels::run::<f64>(&Problem::random(options, &mut random));
        for gradient in [&results.d_kernel, &results.d_recurrent_kernel, &results.d_bias, &results.d_x] {
            assert!(gradient.iter().all(|&value| value == 0.0));
        }
    }
}

#[test]
fn single_precision_agrees() {
    let mut random = Random::new(19);
    for kind in KINDS {
        for _ in 0..20 {
            let problem = Problem::random(smooth(Options::random(kind, &mut random)), &mut random);
            let double = kernels::run::<f64>(&problem);
            let what = format!("{:?}", problem.options);
            for single in [kernels::run::<f32>(&problem), kernels::run::<Four<f32>>(&problem)] {
                single.assert_near(&double, 1e-4, &what);
                assert_near(&single.y, &double.y, 2e-5, &what);
            }
        }
    }
}
