//! Random numbers: initial values of weights, dropout and noise.

use crate::descriptors::{Dropout, NormalNoise, Orthogonal, RandomNormal, RandomUniform};
use crate::initializers::{self, OrthogonalArguments};
use crate::lanes::F32x4;
use crate::random::{self, DropoutArguments, NoisePlace, Subsequence};

// The indices in a counter, as in `ts/backend/counter.ts`.
const ITERATION: usize = 0;
const FIRST_ROW: usize = 1;
const TOTAL_ROWS: usize = 2;

export! {
    fn random_uniform(d: RandomUniform) {
        let subsequence = Subsequence { seed: [d.seed_low, d.seed_high], number: d.subsequence };
        random::uniform(subsequence, d.low, d.high, buffer!(d.y[d.count]));
    }
}

export! {
    fn random_normal(d: RandomNormal) {
        let subsequence = Subsequence { seed: [d.seed_low, d.seed_high], number: d.subsequence };
        let draw = if d.truncated != 0 { random::truncated_normal } else { random::normal };
        draw(subsequence, d.mean, d.standard_deviation, buffer!(d.y[d.count]));
    }
}

export! {
    fn dropout(d: Dropout) {
        let counter = buffer!(d.counter[3u32]);
        random::dropout(DropoutArguments {
            steps: d.steps as usize,
            features: d.features as usize,
            rate: d.rate,
            subsequence: Subsequence { seed: [d.seed_low, d.seed_high], number: d.subsequence },
            shared_over_steps: d.shared_over_steps != 0,
            iteration: counter[ITERATION] as u32,
            first_row: counter[FIRST_ROW] as usize,
            total_rows: counter[TOTAL_ROWS] as usize,
            x: buffer!(d.x[d.steps, d.batch, d.features]),
            y: buffer!(d.y[d.steps, d.batch, d.features]),
        });
    }
}

export! {
    fn normal_noise(d: NormalNoise) {
        let counter = buffer!(d.counter[3u32]);
        let place = NoisePlace {
            iteration: counter[ITERATION] as u32,
            step_length: d.batch as usize * d.features as usize,
            first: u64::from(counter[FIRST_ROW].cast_unsigned()) * u64::from(d.features),
            total: u64::from(counter[TOTAL_ROWS].cast_unsigned()) * u64::from(d.features),
        };
        let subsequence = Subsequence { seed: [d.seed_low, d.seed_high], number: d.subsequence };
        random::noise(subsequence, place, buffer!(d.y[d.steps, d.batch, d.features]));
    }
}

export! {
    fn orthogonal(d: Orthogonal) {
        let (rows, columns) = (d.rows as usize, d.columns as usize);
        let workspace = initializers::orthogonal_workspace_length::<F32x4>(rows, columns);
        initializers::orthogonal::<F32x4>(OrthogonalArguments {
            rows,
            columns,
            gain: d.gain,
            subsequence: Subsequence { seed: [d.seed_low, d.seed_high], number: d.subsequence },
            y: buffer!(d.y[rows, columns]),
            workspace: buffer!(d.workspace[workspace]),
        });
    }
}

export_workspace! {
    fn orthogonal_workspace(d: Orthogonal) -> usize {
        initializers::orthogonal_workspace_length::<F32x4>(d.rows as usize, d.columns as usize)
    }
}
