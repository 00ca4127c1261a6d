use super::*;
use crate::lanes::Four;
use crate::testing::{Random, assert_near};

/// A random loss problem; every part is made, and each kind takes what it needs.
struct Problem {
    kind: u32,
    rows: usize,
    classes: usize,
    prediction: Vec<f64>,
    target: Vec<f64>,
    labels: Vec<i32>,
    weight: Option<Vec<f64>>,
    mask: Option<Vec<i32>>,
    normalizer: Option<[f64; 1]>,
}

impl Problem {
    fn random(kind: u32, random: &mut Random) -> Self {
        let rows = random.size(1, 9);
        // One class leaves a categorical loss without a gradient.
        let classes = random.size(if kind < 4 { 1 } else { 2 }, 33);
        let is_probability = matches!(kind, 2 | 4 | 6);
        let prediction = random.numbers(rows * classes).iter().map(|x| if is_probability { 0.5 + 0.48 * x } else { 3.0 * x }).collect();
        let target = random.numbers(rows * classes).iter().map(|x| if kind < 2 { *x } else { 0.5 + 0.5 * x }).collect();
        let labels = (0..rows).map(|_| random.size(0, classes - 1) as i32).collect();
        let weight = (random.size(0, 1) == 1).then(|| random.numbers(rows).iter().map(|x| x + 1.0).collect());
        let mask = (random.size(0, 1) == 1).then(|| (0..rows).map(|_| random.size(0, 1) as i32).collect());
        let normalizer = (random.size(0, 1) == 1).then(|| [random.number() + 3.0]);
        Self { kind, rows, classes, prediction, target, labels, weight, mask, normalizer }
    }

    /// The result and, when asked for, the gradient.
    fn run<L: Lanes>(&self, wants_gradient: bool) -> ([f64; 2], Vec<L::Element>) {
        let convert = |values: &[f64]| values.iter().map(|&value| L::Element::from_f64(value)).collect::<Vec<_>>();
        let (prediction, target) = (convert(&self.prediction), convert(&self.target));
        let weight = self.weight.as_deref().map(convert);
        let normalizer = self.normalizer.map(|normalizer| convert(&normalizer));
        let mut d_prediction = vec![L::Element::from_f64(f64::NAN); prediction.len()];
        let mut result = [L::Element::from_f64(f64::NAN); 2];
        let is_sparse = self.kind >= 6;
        loss::<L>(LossArguments {
            kind: self.kind,
            classes: self.classes,
            prediction: &prediction,
            target: (!is_sparse).then_some(&target),
            labels: is_sparse.then_some(&self.labels),
            weight: weight.as_deref(),
            mask: self.mask.as_deref(),
            normalizer: normalizer.as_deref(),
            d_prediction: wants_gradient.then_some(&mut d_prediction),
            result: &mut result,
        });
        (result.map(Element::to_f64), d_prediction)
    }

    /// The same loss from its definition, in plain scalars.
    fn by_definition(&self) -> [f64; 2] {
        let valid = self.mask.as_ref().map(|mask| mask.iter().filter(|&&valid| valid != 0).count());
        let (mut sum, mut sum_of_weights) = (0.0, 0.0);
        for n in 0..self.rows {
            let row = n * self.classes..(n + 1) * self.classes;
            let p = &self.prediction[row.clone()];
            let one_hot: Vec<f64> = (0..self.classes).map(|class| f64::from(class as i32 == self.labels[n])).collect();
            let t = if self.kind >= 6 { &one_hot[..] } else { &self.target[row] };
            let pairs = || p.iter().zip(t);
            let mean = |values: f64| values / self.classes as f64;
            let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
            let binary = |p: f64, t: f64| -t * p.ln() - (1.0 - t) * (1.0 - p).ln();
            let total: f64 = p.iter().sum();
            let exponentials: f64 = p.iter().map(|x| x.exp()).sum();
            let value = match self.kind {
                0 => mean(pairs().map(|(p, t)| (p - t).powi(2)).sum()),
                1 => mean(pairs().map(|(p, t)| (p - t).abs()).sum()),
                2 => mean(pairs().map(|(&p, &t)| binary(p, t)).sum()),
                3 => mean(pairs().map(|(&x, &t)| binary(sigmoid(x), t)).sum()),
                4 | 6 => pairs().map(|(p, t)| -t * (p / total).ln()).sum(),
                _ => pairs().map(|(x, t)| -t * (x.exp() / exponentials).ln()).sum(),
            };
            let mut weight = self.weight.as_ref().map_or(1.0, |weight| weight[n]);
            if self.mask.as_ref().is_some_and(|mask| mask[n] == 0) {
                weight = 0.0;
            }
            sum += weight * valid.map_or(1.0, |valid| self.rows as f64 / valid.max(1) as f64) * value;
            sum_of_weights += weight;
        }
        [sum / self.normalizer.map_or(self.rows as f64, |[normalizer]| normalizer), sum_of_weights]
    }
}

#[test]
fn every_kind_matches_its_definition_and_central_differences() {
    let mut random = Random::new(11);
    for round in 0..160 {
        let mut problem = Problem::random(round % 8, &mut random);
        let (result, gradient) = problem.run::<f64>(true);
        assert_near(&result, &problem.by_definition(), 1e-10, "result");
        assert_near(&problem.run::<f64>(false).0, &result, 1e-12, "result without gradient");
        let (in_four, d_in_four) = problem.run::<Four<f64>>(true);
        assert_near(&in_four, &result, 1e-12, "result in four lanes");
        assert_near(&d_in_four, &gradient, 1e-12, "gradient in four lanes");
        assert_near(&problem.run::<Four<f64>>(false).0, &result, 1e-12, "result in four lanes without gradient");
        let step = 1e-6;
        for (place, &gradient) in gradient.iter().enumerate() {
            let x = problem.prediction[place];
            let mut at = |x| {
                problem.prediction[place] = x;
                problem.run::<f64>(false).0[0]
            };
            let difference = (at(x + step) - at(x - step)) / (2.0 * step);
            at(x);
            let error = (gradient - difference).abs() / difference.abs().max(1.0);
            assert!(error < 1e-7, "kind {}, element {place}: {gradient} is not {difference}", problem.kind);
        }
    }
}

#[test]
fn float32_agrees_with_float64() {
    let mut random = Random::new(12);
    for round in 0..160 {
        let problem = Problem::random(round % 8, &mut random);
        let (result, gradient) = problem.run::<f64>(true);
        for (single, d_single) in [problem.run::<f32>(true), problem.run::<Four<f32>>(true)] {
            assert_near(&single, &result, 5e-6, "result");
            assert_near(&d_single, &gradient, 1e-5, "gradient");
        }
    }
}

#[test]
fn confident_predictions_stay_finite() {
    let one = |kind, prediction: Vec<f64>, target: Vec<f64>, label: i32| {
        let classes = prediction.len();
        let problem =
            Problem { kind, rows: 1, classes, prediction, target, labels: vec![label], weight: None, mask: None, normalizer: None };
        let (result, gradient) = problem.run::<f32>(true);
        let (in_four, d_in_four) = problem.run::<Four<f32>>(true);
        assert_eq!(d_in_four, gradient);
        assert_near(&in_four, &result, 1e-6, "result in four lanes");
        (result[0], gradient)
    };
    let limit = -(1e-7f64.ln());
    for (p, t) in [(0.0, 1.0), (1.0, 0.0)] {
        let (loss, gradient) = one(2, vec![p], vec![t], 0);
        assert!((loss - limit).abs() < 1e-5 && gradient == [0.0], "{loss} {gradient:?}");
    }
    assert_eq!(one(3, vec![-500.0], vec![1.0], 0), (500.0, vec![-1.0]));
    let (loss, gradient) = one(6, vec![0.0, 1.0], vec![], 0);
    assert!((loss - limit).abs() < 1e-5 && gradient == [0.0, 0.0]);
    // Both limits at once, in whole values of lanes and after them: nothing is left that has a
    // gradient.
    for place in 0..7 {
        let mut p = vec![0.0; 7];
        p[place] = 1.0;
        let (loss, gradient) = one(4, p, vec![1.0 / 7.0; 7], 0);
        assert!((loss - limit * 6.0 / 7.0).abs() < 1e-5 && gradient == [0.0; 7], "{loss} {gradient:?}");
    }
    assert_eq!(one(7, vec![-1000.0, 1000.0], vec![], 0), (2000.0, vec![-1.0, 1.0]));
    assert_eq!(one(5, vec![-1000.0, 1000.0], vec![1.0, 0.0], 0), (2000.0, vec![-1.0, 1.0]));
    // A tiny loss keeps its size: ln(1 + e^-20).
    assert!((one(3, vec![20.0], vec![1.0], 0).0 / 2.061_153_620e-9 - 1.0).abs() < 1e-5);
}

#[test]
fn without_valid_rows_nothing_counts() {
    let mut problem = Problem::random(0, &mut Random::new(13));
    problem.mask = Some(vec![0; problem.rows]);
    let (result, gradient) = problem.run::<f64>(true);
    assert_eq!(result, [0.0, 0.0]);
    assert!(gradient.iter().all(|&d| d == 0.0));
}

#[test]
#[should_panic(expected = "label -1 is not one of")]
fn labels_are_classes() {
    let mut problem = Problem::random(7, &mut Random::new(14));
    problem.labels[0] = -1;
    problem.run::<f64>(false);
}
