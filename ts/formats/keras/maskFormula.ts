// When a step counts, as a disjunction of conjunctions of what masks were made of at first:
// `ids ≠ 0` of an Embedding, `values ≠ -1` of a Masking, an input. Without terms that say less than
// others, each mask has one form, since no mask is negated: equal masks have equal forms.

/** The step counts where all atoms of any term hold. */
export type MaskFormula = readonly ReadonlySet<string>[];

/** All steps count, as where there is no mask. */
export const EVERY_STEP: MaskFormula = [new Set()];
export const NO_STEP: MaskFormula = [];

/** The most terms of a formula: those of a product multiply. */
const MOST_TERMS = 64;

export function atom(name: string): MaskFormula {
  return [new Set([name])];
}

/** Where any of the masks counts; null for one with too many terms. */
export function anyOf(formulas: readonly MaskFormula[]): MaskFormula | null {
  return shortest(formulas.flat());
}

/** Where all of the masks count; null for one with too many terms. */
export function allOf(formulas: readonly MaskFormula[]): MaskFormula | null {
  let product: MaskFormula | null = EVERY_STEP;
  for (const formula of formulas)
    product = product && shortest(product.flatMap((term) => formula.map((other) => new Set([...term, ...other]))));
  return product;
}

/**
 * The masks of values whose steps follow each other, each under a name of its own. The names are as
 * short inside of each other.
 */
export class StepMasks {
  readonly #names = new Map<string, string>();

  of(formulas: readonly MaskFormula[]): MaskFormula {
    if (formulas.every(isEveryStep)) return EVERY_STEP;
    const key = JSON.stringify(formulas.map(keyOf));
    const name = this.#names.get(key) ?? `steps ${this.#names.size}`;
    this.#names.set(key, name);
    return atom(name);
  }
}

function isEveryStep(formula: MaskFormula): boolean {
  return formula.some(({ size }) => size === 0);
}

export function sameMask(a: MaskFormula, b: MaskFormula): boolean {
  return keyOf(a) === keyOf(b);
}

function keyOf(formula: MaskFormula): string {
  return JSON.stringify(formula.map((term) => JSON.stringify([...term].sort())).sort());
}

/** Without the terms that another one makes superfluous. */
function shortest(terms: MaskFormula): MaskFormula | null {
  if (terms.length > MOST_TERMS ** 2) return null;
  const kept: ReadonlySet<string>[] = [];
  for (const term of [...terms].sort((a, b) => a.size - b.size))
    if (!kept.some((smaller) => [...smaller].every((each) => term.has(each)))) {
      if (kept.length === MOST_TERMS) return null;
      kept.push(term);
    }
  return kept;
}
