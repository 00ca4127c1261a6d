//! Elementwise functions as data: one kernel interprets a program of simple operations, over tiles
//! that stay in the first-level cache.
//!
//! A program is a list of instructions of five words: operation, target, and up to three operands.
//! Operands are registers, each of which is a tile. The operand of `load` is an input, that of
//! `store` an output, and those of `constant` are the bits of a float64, the upper 32 first.

use crate::descriptors::operation_code;
use crate::lanes::{Element, Lanes};

/// Floats of a tile.
const TILE: usize = 256;
/// Registers that a program may use.
pub const REGISTERS: usize = 16;
/// Inputs that a program may have.
pub const INPUTS: usize = 6;
/// Outputs that a program may have.
pub const OUTPUTS: usize = 4;
/// Words of an instruction.
const WORDS: usize = 5;

type Registers<E> = [[E; TILE]; REGISTERS];

const LOAD: u32 = operation_code("load");
const CONSTANT: u32 = operation_code("constant");
const STORE: u32 = operation_code("store");
const ADD: u32 = operation_code("add");
const SUBTRACT: u32 = operation_code("subtract");
const MULTIPLY: u32 = operation_code("multiply");
const DIVIDE: u32 = operation_code("divide");
const MAXIMUM: u32 = operation_code("maximum");
const MINIMUM: u32 = operation_code("minimum");
const LESS: u32 = operation_code("less");
const SELECT: u32 = operation_code("select");
const NEGATIVE: u32 = operation_code("negative");
const ABSOLUTE: u32 = operation_code("absolute");
const SQRT: u32 = operation_code("sqrt");
const EXP: u32 = operation_code("exp");
const LOG: u32 = operation_code("log");
const TANH: u32 = operation_code("tanh");
const SIGMOID: u32 = operation_code("sigmoid");

/// Runs a program over `count` elements. Element i of an input is `input[i % input.len()]`, so that
/// a vector is repeated in all rows, and one number in all elements. Outputs have `count` elements.
pub fn pointwise<L: Lanes>(
    code: &[i32],
    count: usize,
    inputs: [Option<&[L::Element]>; INPUTS],
    mut outputs: [Option<&mut [L::Element]>; OUTPUTS],
) {
    let mut registers: Registers<L::Element> = [[L::Element::ZERO; TILE]; REGISTERS];
    for start in (0..count).step_by(TILE) {
        let length = TILE.min(count - start);
        for instruction in code.chunks_exact(WORDS) {
            let [operation, target, a, b, c] = core::array::from_fn(|word| instruction[word] as u32);
            let target = target as usize;
            let register = &mut registers;
            match operation {
                LOAD => load(inputs[a as usize].expect("the program's input is given"), start, &mut register[target][..length]),
                CONSTANT => register[target][..].fill(L::Element::from_f64(f64::from_bits(u64::from(a) << 32 | u64::from(b)))),
                STORE => {
                    let output = outputs[target].as_deref_mut().expect("the program's output is given");
                    output[start..start + length].copy_from_slice(&register[a as usize][..length]);
                }
                ADD => binary::<L>(register, target, a, b, length, L::add),
                SUBTRACT => binary::<L>(register, target, a, b, length, L::sub),
                MULTIPLY => binary::<L>(register, target, a, b, length, L::mul),
                DIVIDE => binary::<L>(register, target, a, b, length, L::div),
                MAXIMUM => binary::<L>(register, target, a, b, length, |a, b| L::select(a.less_than(b), b, a)),
                MINIMUM => binary::<L>(register, target, a, b, length, |a, b| L::select(b.less_than(a), b, a)),
                LESS => binary::<L>(register, target, a, b, length, |a, b| L::select(a.less_than(b), one(), zero())),
                SELECT => select::<L>(register, target, [a, b, c], length),
                NEGATIVE => unary::<L>(register, target, a, length, L::neg),
                ABSOLUTE => unary::<L>(register, target, a, length, L::abs),
                SQRT => unary::<L>(register, target, a, length, L::sqrt),
                EXP => unary::<L>(register, target, a, length, L::exp),
                LOG => unary::<L>(register, target, a, length, L::ln),
                TANH => unary::<L>(register, target, a, length, L::tanh),
                SIGMOID => unary::<L>(register, target, a, length, L::sigmoid),
                _ => panic!("no operation has code {operation}"),
            }
        }
    }
}

fn one<L: Lanes>() -> L {
    L::splat(L::Element::ONE)
}

fn zero<L: Lanes>() -> L {
    L::splat(L::Element::ZERO)
}

/// Copies the elements of an input, from element `start` on, to a tile.
fn load<E: Copy>(input: &[E], start: usize, tile: &mut [E]) {
    if let Some(part) = input.get(start..start + tile.len()) {
        tile.copy_from_slice(part);
    } else {
        let period = input.len();
        for (place, element) in tile.iter_mut().enumerate() {
            *element = input[(start + place) % period];
        }
    }
}

/// Computes whole vectors of a tile. Elements past `length` are not stored.
fn unary<L: Lanes>(registers: &mut Registers<L::Element>, target: usize, a: u32, length: usize, f: impl Fn(L) -> L) {
    for place in (0..length).step_by(L::WIDTH) {
        f(L::load(&registers[a as usize][place..])).store(&mut registers[target][place..]);
    }
}

fn binary<L: Lanes>(registers: &mut Registers<L::Element>, target: usize, a: u32, b: u32, length: usize, f: impl Fn(L, L) -> L) {
    for place in (0..length).step_by(L::WIDTH) {
        let (a, b) = (L::load(&registers[a as usize][place..]), L::load(&registers[b as usize][place..]));
        f(a, b).store(&mut registers[target][place..]);
    }
}

/// `condition != 0 ? b : c`, for conditions that `less` computed.
fn select<L: Lanes>(registers: &mut Registers<L::Element>, target: usize, operands: [u32; 3], length: usize) {
    for place in (0..length).step_by(L::WIDTH) {
        let [condition, b, c] = operands.map(|operand| L::load(&registers[operand as usize][place..]));
        L::select(zero::<L>().less_than(condition), b, c).store(&mut registers[target][place..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::Four;

    /// The output of a program, which is the same in one lane and in four.
    fn run(code: &[u32], count: usize, inputs: &[&[f64]]) -> Vec<f64> {
        let code: Vec<i32> = code.iter().map(|&word| word.cast_signed()).collect();
        let [y, in_four] = [pointwise::<f64>, pointwise::<Four<f64>>].map(|pointwise| {
            let mut y = vec![f64::NAN; count];
            pointwise(&code, count, core::array::from_fn(|n| inputs.get(n).copied()), [Some(&mut y), None, None, None]);
            y
        });
        assert_eq!(in_four, y, "four lanes, {count} elements");
        y
    }

    #[test]
    fn runs_over_several_tiles_and_repeats_short_inputs() {
        let x: Vec<f64> = (0..600i32).map(f64::from).collect();
        let code = [LOAD, 0, 0, 0, 0, LOAD, 1, 1, 0, 0, MULTIPLY, 0, 0, 1, 0, LOAD, 1, 2, 0, 0, ADD, 2, 0, 1, 0, STORE, 0, 2, 0, 0];
        for count in (1..10).chain(TILE - 5..TILE + 6).chain([2 * TILE + 3, 600]) {
            let y = run(&code, count, &[&x[..count], &[1.0, -2.0, 3.0], &[10.0]]);
            for (i, y) in y.iter().enumerate() {
                assert_eq!(*y, x[i] * [1.0, -2.0, 3.0][i % 3] + 10.0, "element {i} of {count}");
            }
        }
    }

    /// `a < b ? a : b` where the smaller changes from element to element.
    #[test]
    fn each_element_chooses_by_itself() {
        let code = [[LOAD, 0, 0, 0, 0], [LOAD, 1, 1, 0, 0], [LESS, 2, 0, 1, 0], [SELECT, 3, 2, 0, 1], [STORE, 0, 3, 0, 0]].concat();
        let minimum = [[LOAD, 0, 0, 0, 0], [LOAD, 1, 1, 0, 0], [MINIMUM, 2, 0, 1, 0], [STORE, 0, 2, 0, 0]].concat();
        let maximum = [[LOAD, 0, 0, 0, 0], [LOAD, 1, 1, 0, 0], [MAXIMUM, 2, 0, 1, 0], [STORE, 0, 2, 0, 0]].concat();
        let (a, b) = ([3.0, -1.0, 4.0, 1.0, -5.0, 9.0, 2.0], [2.0, 7.0, 1.0, 8.0, 2.0, -8.0, 1.0]);
        let smaller = [2.0, -1.0, 1.0, 1.0, -5.0, -8.0, 1.0];
        assert_eq!(run(&code, 7, &[&a, &b]), smaller);
        assert_eq!(run(&minimum, 7, &[&a, &b]), smaller);
        assert_eq!(run(&maximum, 7, &[&a, &b]), [3.0, 7.0, 4.0, 8.0, 2.0, 9.0, 2.0]);
    }

    #[test]
    fn every_operation_is_its_formula() {
        let (a, b) = (0.75, -1.5);
        let two = |operation| run(&[LOAD, 0, 0, 0, 0, LOAD, 1, 1, 0, 0, operation, 2, 0, 1, 0, STORE, 0, 2, 0, 0], 1, &[&[a], &[b]])[0];
        assert_eq!(two(ADD), a + b);
        assert_eq!(two(SUBTRACT), a - b);
        assert_eq!(two(MULTIPLY), a * b);
        assert_eq!(two(DIVIDE), a / b);
        assert_eq!(two(MAXIMUM), a);
        assert_eq!(two(MINIMUM), b);
        assert_eq!(two(LESS), 0.0);
        let one = |operation, x: f64| run(&[LOAD, 0, 0, 0, 0, operation, 1, 0, 0, 0, STORE, 0, 1, 0, 0], 1, &[&[x]])[0];
        assert_eq!(one(NEGATIVE, a), -a);
        assert_eq!(one(ABSOLUTE, b), -b);
        for (operation, expected) in
            [(SQRT, a.sqrt()), (EXP, a.exp()), (LOG, a.ln()), (TANH, a.tanh()), (SIGMOID, 1.0 / (1.0 + (-a).exp()))]
        {
            assert!((one(operation, a) - expected).abs() < 1e-14);
        }
        let choose = |condition: f64| {
            let code = [
                LOAD,
                0,
                0,
                0,
                0,
                LOAD,
                1,
                1,
                0,
                0,
                CONSTANT,
                2,
                (2.5f64.to_bits() >> 32) as u32,
                0,
                0,
                SELECT,
                0,
                0,
                1,
                2,
                STORE,
                0,
                0,
                0,
                0,
            ];
            run(&code, 1, &[&[condition], &[b]])[0]
        };
        assert_eq!((choose(1.0), choose(0.0)), (b, 2.5));
    }
}
