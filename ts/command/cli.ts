#!/usr/bin/env node
// The command `backtime`. What a command needs besides its flags loads when the command runs, so
// that help comes at once.
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { refuseTwice, withRemedy } from './flagErrors.ts';
import {
  choice,
  choiceLines,
  fraction,
  nonNegative,
  nonNegativeInteger,
  portion,
  positive,
  positiveInteger,
  share,
  workerCount,
} from './flags.ts';
import { endOnSignals, Interrupted } from './interruption.ts';
import { CommandReport } from './report.ts';
import type { TableFlags } from './table.ts';
import { TASK_WORDS } from './taskNames.ts';

const EXIT_CODES = `
Exit codes: 0 done; 1 wrong flags, data or files; 2 a fault of Backtime; 130 interrupted (Ctrl+C);
143 ended by SIGTERM.`;

function version(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}

/** Whether the program was called with a flag, before the flags are read. */
const has = (flag: string) => process.argv.includes(flag);
const report = new CommandReport({ json: has('--json'), quiet: has('--quiet') });

const program = new Command('backtime')
  .description('Trains recurrent networks on tables, texts and series, and uses them.')
  .version(version(), '-V, --version', 'print the version')
  .helpOption('-h, --help', 'print this help')
  .helpCommand('help [command]', 'print the help of a command')
  .showSuggestionAfterError(true)
  .addHelpText(
    'after',
    `
A first run:
  backtime train reviews.csv --task classify-text --target label
  backtime predict new.csv --out answers.csv

"backtime train --help" prints the flags of a command.
${EXIT_CODES}`,
  );

const DATA = 'the file to read: a table (CSV, TSV, JSON, Parquet), or .ts, .conllu or .txt of some tasks';
const MODEL = 'the file of a model, such as model.safetensors';

/** A command with the flags of all. */
function command(usage: string, summary: string, argument: string): Command {
  const [name, given] = usage.split(' ') as [string, string];
  return program
    .command(name)
    .argument(given, argument)
    .description(summary)
    .option('--json', 'print one JSON object per line')
    .option('--quiet', 'print only what was asked for, warnings and errors');
}

/** The flags for reading a table. */
function withTable(added: Command): Command {
  return added
    .option('--separator <text>', 'the separator of fields, such as ";" or tab (default: detected)')
    .option('--encoding <name>', 'the encoding, such as windows-1252 (default: detected; for texts UTF-8)')
    .option('--comments <text>', 'the prefix of lines that are skipped, such as "#" (default: none)')
    .option('--na-values <texts>', 'texts that mark missing values, with commas between, besides NA and the like (default: none)')
    .option('--header', 'the first row holds the names of the columns (default: detected)')
    .option('--no-header', 'the first row holds data')
    .addOption(
      choice('--decimal <sign>', 'the decimal sign of numbers such as 1.500, which may have either (default: detected)', {
        '.': 'one and a half is 1.5',
        ',': 'one and a half is 1,5',
      }),
    )
    .addOption(
      choice('--bad-rows <what>', 'a row with another number of fields, or without what the task needs (default: error)', {
        error: 'ends the command',
        skip: 'is left out, with a warning',
      }),
    );
}

const withModel = (added: Command, what: string) => added.option('-m, --model <file>', what, 'model.safetensors');

/** Makes the action of a command: loads its code, and runs it. */
function runs<Given, Flags>(
  load: () => Promise<(given: Given, flags: Flags & Pick<TableFlags, 'warn' | 'note'>, report: CommandReport) => Promise<void>>,
) {
  return async (given: Given, flags: Flags) => {
    const run = await load();
    const warn = (message: string) => report.warning(message);
    const [{ setWarningHandler }, { inFlags }] = await Promise.all([import('../node.ts'), import('./inFlags.ts')]);
    setWarningHandler((message) => warn(inFlags(message)));
    await run(given, { ...flags, warn, note: (message) => report.note(message) }, report);
  };
}

withTable(withModel(command('train <data>', 'Trains a model on a file and saves it.', DATA), 'the file to write'))
  .addOption(choice('-t, --task <task>', 'what to learn', TASK_WORDS).makeOptionMandatory())
  .option('--target <column>', 'the column to predict (default: by its name, or the only one that fits)')
  .option('--text <column>', 'classify-text, tag: the column of texts or words (default: detected)')
  .option('--group <column>', 'the column that says which series or sentence a row is of')
  .option('--columns <names>', 'classify-series, regress: the columns of numbers or categories, with commas between (default: all)')
  .addOption(
    choice(
      '--rows <what>',
      'classify-series, regress: what a row is, a series with a column for each step, or features (default: by the names of the columns)',
      { series: 'a column for each step', features: 'a column for each feature, with its own scale' },
    ),
  )
  .option(
    '--missing <what>',
    'numbers without a value: error, previous, linear, or a number; of features mean (default: error; forecast: linear; features: mean)',
  )
  .option('--horizon <steps>', 'forecast: steps that are predicted at once (default: 1)', positiveInteger)
  .option('--window <steps>', 'forecast: steps that the model sees; generate: characters (default: by the data)', positiveInteger)
  .option('--season-length <steps>', 'forecast: steps of a season, such as 12 for months (default: none)', positiveInteger)
  .addOption(
    choice('--cell <cell>', 'the recurrent layers', {
      lstm: 'the usual one',
      gru: 'smaller and often as good',
      'simple-rnn': 'the smallest, for short series',
    }).default('lstm'),
  )
  .option('--units <n>', 'units of each recurrent layer (default: by the task)', positiveInteger)
  .option('--layers <n>', 'recurrent layers', positiveInteger, 1)
  .option('--bidirectional', 'read sequences in both directions (default of tag)')
  .option('--no-bidirectional', 'read them from the beginning to the end (default of the other tasks)')
  .option('--dropout <rate>', 'after the embedding and each recurrent layer, 0 to 1 (default: by the task)', portion)
  .option('--learning-rate <rate>', 'of Adam (default: by the task)', positive)
  .option('--batch-size <n>', 'samples of a batch', positiveInteger, 32)
  .option('--epochs <n>', 'the largest number of passes over the data (default: by the task)', positiveInteger)
  .option('--patience <n>', 'end after this number of epochs without improvement; 0: never (default: by the task)', nonNegativeInteger)
  .option('--validation-split <part>', 'the fraction of the data for validation', fraction, 0.2)
  .option('--seed <n>', 'the same seed gives the same model', nonNegativeInteger, 1)
  .option('--workers <n>', 'threads that train: 0 for this one, or auto', workerCount, 0)
  .addHelpText('after', `\nTasks:\n${choiceLines(TASK_WORDS)}\n${EXIT_CODES}`)
  .action(runs(async () => (await import('./train.ts')).train));

withTable(withModel(command('evaluate <data>', 'Evaluates a model on a file with targets.', DATA), 'the file of the model'))
  .option('--text <column>', 'the column of texts or words (default: as in training)')
  .option('--target <column>', 'the column to predict (default: as in training)')
  .option('--group <column>', 'the column that says which series or sentence a row is of (default: as in training)')
  .option(
    '--columns <names>',
    'the columns of numbers or categories, in the order of the model, with commas between (default: as in training)',
  )
  .addHelpText('after', EXIT_CODES)
  .action(runs(async () => (await import('./evaluate.ts')).evaluate));

withTable(withModel(command('predict <data>', 'Answers each row, series or sentence of a file.', DATA), 'the file of the model'))
  .option('--text <column>', 'the column of texts or words (default: as in training)')
  .option('--group <column>', 'the column that says which series or sentence a row is of (default: as in training)')
  .option(
    '--columns <names>',
    'the columns of numbers or categories, in the order of the model, with commas between (default: as in training)',
  )
  .option('-o, --out <file>', 'the table to write (default: printed)')
  .addHelpText('after', EXIT_CODES)
  .action(runs(async () => (await import('./predict.ts')).predict));

withTable(withModel(command('forecast <data>', 'Forecasts what follows the last row of a file.', DATA), 'the file of the model'))
  .option('-n, --steps <n>', 'steps to forecast (default: the horizon of the model)', positiveInteger)
  .option('--target <column>', 'the column to forecast, or several with commas between (default: as in training)')
  .option('--coverage <part>', 'the fraction of the futures that the interval covers', fraction, 0.9)
  .option('--seed <n>', 'the same seed gives the same interval', nonNegativeInteger, 1)
  .option('-o, --out <file>', 'the table to write (default: printed)')
  .addHelpText('after', EXIT_CODES)
  .action(runs(async () => (await import('./forecast.ts')).forecastFile));

withModel(
  command('generate [prompt]', 'Continues a text.', 'the text to continue, in quotes (default: the beginning of a line)'),
  'the model',
)
  .option('-l, --length <n>', 'characters to generate', positiveInteger, 200)
  .option('--temperature <t>', 'below 1 probable characters are drawn more often; 0: always the most probable one', nonNegative, 1)
  .option('--top-k <n>', 'draw only from this number of characters, the most probable ones', positiveInteger)
  .option('--top-p <p>', 'draw from the fewest characters whose probabilities add up to this', share)
  .option('--seed <n>', 'the same seed gives the same text', nonNegativeInteger, 1)
  .addHelpText('after', EXIT_CODES)
  .action(runs(async () => (await import('./generate.ts')).generateText));

command('inspect <model>', 'Describes a saved model.', MODEL)
  .addHelpText('after', EXIT_CODES)
  .action(runs(async () => (await import('./inspect.ts')).inspect));

/** An error of the flags, with the flag that was meant. */
const meant = (message: string) => withRemedy(message, program, process.argv[2]);

command('export <model>', 'Writes a model as a page that runs it in any browser, or in another format.', MODEL)
  .requiredOption('-o, --out <file>', 'the file to write, by its ending: .html, .keras, .onnx or .safetensors')
  .option('--title <text>', 'the heading of a page (default: the name of the model)')
  .option('--labels <names>', 'the names of the classes, with commas between, in the order of the output (default: of the metadata)')
  .option('--columns <names>', 'the names of the columns that predict and evaluate read for the model, with commas between, in its order')
  .addHelpText('after', EXIT_CODES)
  .action(runs(async () => (await import('./export.ts')).exportModel));

endOnSignals(report);
for (const each of program.commands) refuseTwice(each);
for (const each of [program, ...program.commands])
  each.exitOverride().configureOutput({ outputError: (text, write) => (has('--json') ? undefined : write(meant(text))) });

// `backtime … | head` closes the output early.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));

try {
  if (process.argv.length <= 2) program.outputHelp();
  else await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and the version end with 0.
    process.exitCode = error.exitCode === 0 ? 0 : 1;
    if (error.exitCode !== 0 && has('--json')) report.failure(error.code, meant(error.message).trimEnd());
  } else if (error instanceof Interrupted) {
    process.exitCode = error.exitCode;
    report.failure('INTERRUPTED', error.message);
  } else process.exitCode = await report.error(error);
}
