import { describe } from './describe.ts';
import { ArgumentError } from './errors.ts';

/** The choice that a name means, in any case; undefined when there is none. */
export function knownName(name: unknown, choices: readonly string[]): string | undefined {
  return typeof name === 'string' ? choices.find((choice) => choice.toLowerCase() === name.toLowerCase()) : undefined;
}

/**
 * ` (did you mean 'returnSequences'?)` when a name is like one of the choices: it differs only in
 * case, underscores, an ending or one or two letters, or it shortens only that choice, as `lr`
 * shortens `learningRate`. Otherwise the empty string.
 */
export function suggest(name: unknown, choices: readonly string[]): string {
  if (typeof name !== 'string') return '';
  const given = plain(name);
  // Signs alone, such as separators, are like no other.
  if (given === '') return '';
  let best: string | null = null;
  let least = given.length > 4 ? 3 : 2;
  for (const choice of choices) {
    // The distance is at least the difference of the lengths, and takes time with their product.
    if (Math.abs(given.length - plain(choice).length) >= least) continue;
    const distance = editDistance(given, plain(choice));
    if (distance >= least) continue;
    best = choice;
    least = distance;
  }
  if (best === null) {
    const shortened = choices.filter((choice) => shortens(given, choice));
    if (shortened.length === 1) best = shortened[0] as string;
  }
  return best === null ? '' : ` (did you mean '${best}'?)`;
}

/**
 * Refuses a value that is none of the possible ones. What was meant comes before the list, which
 * may be long.
 * @param expected the list: `one of 'sgd', 'adam' or an Optimizer`
 * @param hint of {@link suggest}, or another one: `: make one, new Adam()`
 * @throws {ArgumentError}
 */
export function refuseChoice(where: string, value: unknown, expected: string, hint: string): never {
  const given = describe(value);
  throw new ArgumentError(`${where} ${hint ? `is ${given}${hint}; it must be ${expected}` : `must be ${expected}, got ${given}`}`);
}

/** Options by their owner. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  'an optimizer, as in new Adam({ … })': ['learningRate', 'clipnorm', 'clipvalue', 'globalClipnorm'],
  compile: ['optimizer', 'loss', 'metrics', 'weightedMetrics'],
  fit: ['batchSize', 'epochs', 'callbacks', 'validationData', 'validationSplit', 'shuffle', 'sampleWeight', 'classWeight'],
};

/** Replacements for options of Keras that do not exist here. */
const REPLACEMENTS: Readonly<Record<string, string>> = {
  reduction: 'a loss is the mean over the samples of a batch; for a sum give lossWeights the batch size',
  batchInputShape: 'inputShape takes the shape of one sample, without the batch axis; Input({ batchSize }) takes the batch size',
  batchShape: 'inputShape takes the shape of one sample, without the batch axis; Input({ batchSize }) takes the batch size',
};

/**
 * `: 'clipnorm' is an option of an optimizer, …` for an option of another function, or the
 * replacement of an option of Keras. Otherwise the empty string.
 */
export function elsewhere(name: string): string {
  const given = plain(name);
  const isMeant = (option: string) => plain(option) === given || (/[A-Z]/.test(option) && shortens(given, option));
  for (const [owner, options] of Object.entries(OWNERS)) {
    const option = options.find(isMeant);
    if (option) return `: '${option}' is an option of ${owner}`;
  }
  const replaced = Object.keys(REPLACEMENTS).find(isMeant);
  return replaced ? `: ${REPLACEMENTS[replaced]}` : '';
}

/**
 * Whether a name consists of the beginnings of all words of a choice, as `maxLen` does for
 * `maxLength`.
 */
function shortens(given: string, choice: string): boolean {
  const words = choice.split(/(?=[A-Z])/).map(plain);
  const beginning = (word: string): string => (word.length > 1 ? `${word[0]}(?:${beginning(word.slice(1))})?` : word);
  return given.length > 1 && new RegExp(`^${words.map(beginning).join('')}$`).test(given);
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** The Levenshtein distance: how many characters must be inserted, removed or replaced. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] as number) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (above[column] as number) + 1, (current[column - 1] as number) + 1));
    }
    above = current;
  }
  return above[b.length] as number;
}
