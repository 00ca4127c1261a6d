//! Pooling: the largest element, or the mean, of each window. Windows leave out the padding.
//! Letters: P and Q places of the two axes of the windows, N numbers at each place.

use super::Windows;
use crate::lanes::{Element, Lanes, add, update};

/// The axes of the windows: the inner one `[P]`, then the outer one `[Q]`.
pub type PoolAxes = [Windows; 2];

/// What is computed from a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    Max,
    Average,
}

/// The places of the input in the window of an output, in the order of the taps.
fn places(axes: PoolAxes, outputs: [usize; 2]) -> impl Iterator<Item = usize> + Clone {
    let [inner, outer] = axes;
    let of = |windows: Windows, output: usize| (0..windows.size).filter_map(move |tap| windows.input_of(output, tap));
    of(inner, outputs[0]).flat_map(move |p| of(outer, outputs[1]).map(move |q| q * inner.input + p))
}

/// Calls `visit` with the place of each output and its index on each axis.
fn for_each_output(axes: PoolAxes, mut visit: impl FnMut(usize, [usize; 2])) {
    let [inner, outer] = axes;
    for q in 0..outer.output {
        for p in 0..inner.output {
            visit(q * inner.output + p, [p, q]);
        }
    }
}

/// Whether a candidate replaces the largest element so far. NaN is never replaced.
fn is_larger<E: Element>(candidate: E, largest: E) -> bool {
    candidate > largest || candidate.to_f64().is_nan() && !largest.to_f64().is_nan()
}

/// Computes `y[Q', P', N]` from `x[Q, P, N]`.
pub fn pool_forward<L: Lanes>(axes: PoolAxes, pooling: Pooling, width: usize, x: &[L::Element], y: &mut [L::Element]) {
    for_each_output(axes, |output, window| {
        let y = &mut y[output * width..][..width];
        let mut count = 0;
        for place in places(axes, window) {
            let x = &x[place * width..][..width];
            match pooling {
                _ if count == 0 => y.copy_from_slice(x),
                Pooling::Average => add::<L>(y, x),
                Pooling::Max => y.iter_mut().zip(x).filter(|(y, x)| is_larger(**x, **y)).for_each(|(y, x)| *y = *x),
            }
            count += 1;
        }
        if pooling == Pooling::Average {
            let share = L::splat(L::Element::from_f64(1.0 / f64::from(count)));
            update::<L, 0, 1>([], [y], |[], [y]| [y.mul(share)]);
        }
    });
}

/// The gradient of [`pool_forward`]. If several elements of a window are the largest, the first
/// gets the gradient.
pub fn pool_backward<L: Lanes>(
    axes: PoolAxes,
    pooling: Pooling,
    width: usize,
    x: &[L::Element],
    d_y: &[L::Element],
    d_x: &mut [L::Element],
) {
    d_x.fill(L::Element::ZERO);
    for_each_output(axes, |output, window| {
        let d_y = &d_y[output * width..][..width];
        match pooling {
            Pooling::Max => {
                for (n, &gradient) in d_y.iter().enumerate() {
                    let largest = places(axes, window)
                        .map(|place| place * width + n)
                        .reduce(|largest, candidate| if is_larger(x[candidate], x[largest]) { candidate } else { largest });
                    if let Some(place) = largest {
                        d_x[place] += gradient;
                    }
                }
            }
            Pooling::Average => {
                let share = L::splat(L::Element::from_f64(1.0 / places(axes, window).count() as f64));
                for place in places(axes, window) {
                    update::<L, 1, 1>([d_y], [&mut d_x[place * width..][..width]], |[gradient], [sum]| [sum.add(gradient.mul(share))]);
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::Four;
    use crate::testing::{Random, assert_near, numbers, values};

    fn axes(random: &mut Random) -> PoolAxes {
        core::array::from_fn(|_| {
            let (input, size, stride) = (random.size(3, 7), random.size(1, 3), random.size(1, 3));
            Windows { input, output: (input - size) / stride + 1, size, stride, dilation: 1, before: random.size(0, size - 1) }
        })
    }

    #[test]
    fn gradients_match_central_differences() {
        let mut random = Random::new(70);
        for number in 0..40 {
            let pooling = if number % 2 == 0 { Pooling::Max } else { Pooling::Average };
            let (axes, width) = (axes(&mut random), random.size(1, 9));
            let [inner, outer] = axes;
            let mut x = random.numbers(inner.input * outer.input * width);
            let length = inner.output * outer.output * width;
            let d_y = random.numbers(length);
            let run = |x: &[f64]| {
                let mut y = vec![f64::NAN; length];
                pool_forward::<f64>(axes, pooling, width, x, &mut y);
                y
            };
            let loss = |x: &[f64]| -> f64 { run(x).iter().zip(&d_y).map(|(y, d)| y * d).sum() };
            let mut d_x = vec![f64::NAN; x.len()];
            pool_backward::<f64>(axes, pooling, width, &x, &d_y, &mut d_x);
            let differences: Vec<f64> = (0..x.len())
                .map(|place| {
                    let value = x[place];
                    let [above, below] = [value + 1e-6, value - 1e-6].map(|moved| {
                        x[place] = moved;
                        loss(&x)
                    });
                    x[place] = value;
                    (above - below) / 2e-6
                })
                .collect();
            assert_near(&d_x, &differences, 1e-8, &format!("{pooling:?}, {axes:?}"));
            let [fast_x, fast_d_y] = [&x, &d_y].map(|numbers| values::<f32>(numbers));
            let [mut y, mut fast_d_x] = [length, x.len()].map(|count| vec![f32::NAN; count]);
            pool_forward::<Four<f32>>(axes, pooling, width, &fast_x, &mut y);
            pool_backward::<Four<f32>>(axes, pooling, width, &fast_x, &fast_d_y, &mut fast_d_x);
            assert_near(&numbers(&y), &run(&x), 1e-6, "four lanes");
            assert_near(&numbers(&fast_d_x), &d_x, 1e-6, "gradient, four lanes");
        }
    }

    #[test]
    fn equals_and_nan() {
        let three = Windows { input: 3, output: 1, size: 3, stride: 1, dilation: 1, before: 0 };
        let one = Windows { input: 1, output: 1, size: 1, ..three };
        let (mut y, mut d_x) = ([0.0], [0.0; 3]);
        pool_backward::<f64>([three, one], Pooling::Max, 1, &[1.0, 2.0, 2.0], &[5.0], &mut d_x);
        assert_eq!(d_x, [0.0, 5.0, 0.0]);
        for x in [[f64::NAN, 1.0, 2.0], [1.0, f64::NAN, 2.0], [1.0, 2.0, f64::NAN]] {
            pool_forward::<f64>([three, one], Pooling::Max, 1, &x, &mut y);
            assert!(y[0].is_nan());
        }
    }
}
