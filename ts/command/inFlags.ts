/** Parts of messages of the library, and their equivalents on the command line. */
const REPLACEMENTS: readonly (readonly [RegExp, string | ((...found: string[]) => string)])[] = [
  // The function that was called.
  [/^(?:readCSV|readCoNLL|readParquet|readText|readTs|loadModel|save): /, ''],
  [
    /most values of the column are texts, which .*$/,
    'most values of the column are categories or texts, which the command does not read as numbers: name columns of numbers',
  ],
  [/the column has dates, which dates\(.*\) reads/, 'the column has dates: name columns of numbers'],
  [/readCSV takes \{ naValues: \[(.*)\] \}/, 'give --na-values $1'],
  [/numbers\(name, (\{[^}]*\})\)/, '$1'],
  // But the options of a call in a program.
  [
    /(?<!loadWeights\(file, )\{ (\w+): '([^']*)' \}/g,
    (_, option, value) => `--${kebab(option as string)} ${/[#;|]/.test(value as string) ? `'${value}'` : value}`,
  ],
  [/\bgive the separator\b/, 'give --separator'],
  [/\b(separator|encoding|comments) must be (?:'auto' or )?/, '--$1 must be '],
  [/: give a higher bound, \{ maxBytes \}, if they fit in memory/, ': the command reads no larger files'],
  [/, the option maxRowLength/, ''],
  [/is no model that loadModel reads: /, 'is no model: a model is '],
  [/, and where a bundler makes the program.*$/, ''],
  [/say which with the option order, 'dayFirst' or 'monthFirst', or write dates/, 'write dates'],
];

const kebab = (option: string) => option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A message of the library, with flags in the place of functions and options. */
export function inFlags(message: string): string {
  return REPLACEMENTS.reduce(
    (text, [pattern, by]) => (typeof by === 'string' ? text.replace(pattern, by) : text.replace(pattern, by)),
    message,
  );
}
