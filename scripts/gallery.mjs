// Runs the examples and draws what came of them into examples/pictures/, for examples/README.md.
//   node scripts/gallery.mjs                    all of them
//   node scripts/gallery.mjs find-anomalies     only these
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBrowser } from './browser.mjs';
import { reactPackagesStep, reactPage, serviceWorkerPage, trainingPage } from './examplePages.mjs';
import { bars, HEIGHT, lines, pianoRoll, picture, plot, text, WIDTH } from './pictures.mjs';
import { outputOf, root } from './process.mjs';
import { runScript, runSteps, SetUpError } from './steps.mjs';

const examples = join(root, 'examples');
/** What an example of one file has found: it runs when it is imported. */
const resultOf = async (name) => (await import(`../examples/${name}.js`)).result;

/** @type {(answers: { sentence: string, percentage: number }[]) => string[]} */
const answerBars = (answers) => bars(answers.map(({ sentence, percentage }) => ({ words: sentence, share: percentage / 100 })));

/** Steps of the scale of C above middle C. @param {string} note In ABC notation. */
const pitchOf = (note) => 'C D E F G A B c'.split(' ').indexOf(note[0]) - (note.includes(',') ? 7 : 0);

/**
 * Points as an SVG polyline has them, as numbers that rise with the curve.
 * @param {string} points
 */
const valuesOf = (points) => points.split(' ').map((point) => -Number(point.split(',')[1]));

async function inBrowser(visit) {
  const browser = await startBrowser('chromium');
  try {
    return await visit(browser);
  } finally {
    await browser.close();
  }
}

/** @type {Record<string, () => Promise<[title: string, pieces: string[]]>>} */
const PICTURES = {
  async 'classify-reviews'() {
    const rows = await resultOf('classify-reviews');
    return [
      'Four sentences, and how likely each speaks well of a film',
      bars(rows.map(({ sentence, good }) => ({ words: sentence, share: good }))),
    ];
  },
  async 'tag-sentences'() {
    const sentences = await resultOf('tag-sentences');
    const pieces = sentences.flatMap((sentence, row) => {
      const width = (WIDTH - 24) / sentence.length;
      return sentence.flatMap(({ word, tag }, place) => [
        text(12 + place * width, 40 + row * 60, word),
        text(12 + place * width, 56 + row * 60, tag.slice(0, 6) === tag ? tag : `${tag.slice(0, 5)}.`, 'weak'),
      ]);
    });
    return ['Three sentences with the kind of each word', pieces];
  },
  async 'tag-words'() {
    const sentences = await resultOf('tag-words');
    const pieces = sentences.flatMap((sentence, row) => {
      // As wide as the longer of the word and its tag.
      let left = 12;
      return sentence.flatMap(({ word, tag }) => {
        const x = left;
        left += 7 * Math.max(word.length, tag.length) + 8;
        return [text(x, 40 + row * 60, word), text(x, 56 + row * 60, tag, 'weak')];
      });
    });
    return ['Three questions of travellers with the part of speech of each word', pieces];
  },
  async 'add-numbers'() {
    const sums = await resultOf('add-numbers');
    const pieces = sums.flatMap(({ question, answer, given }, row) => [
      text(16, 36 + row * 28, `${question} = ${given}`, 'code'),
      text(WIDTH - 130, 36 + row * 28, given === answer ? 'right' : `wrong: ${answer}`, 'weak'),
    ]);
    return ['Sums that a network was asked for, and its answers', pieces];
  },
  async 'tell-nationalities'() {
    const names = await resultOf('tell-nationalities');
    const pieces = names.flatMap(({ name, nationality, given }, row) => [
      text(16, 36 + row * 28, name),
      text(140, 36 + row * 28, given),
      text(WIDTH - 130, 36 + row * 28, given === nationality ? 'right' : `wrong: ${nationality}`, 'weak'),
    ]);
    return ['Family names, and where the network takes them to be from', pieces];
  },
  async 'follow-valves'() {
    const { withStates, without } = await resultOf('follow-valves');
    return [
      'The share of steps whose valve is told right, with states that are kept and without',
      bars([
        { words: 'states kept from window to window', share: withStates },
        { words: 'states that begin with zeros', share: without },
      ]),
    ];
  },
  async 'follow-long-series'() {
    const output = await outputOf(process.execPath, [join(examples, 'follow-long-series.js')]);
    const printed = output.trim().split('\n').slice(-3);
    return ['What a training on 6,000,000 steps printed', lines(['$ node examples/follow-long-series.js', ...printed], 'code')];
  },
  async 'classify-motions'() {
    const { recordings } = await resultOf('classify-motions');
    const height = (HEIGHT - 24) / recordings.length;
    const pieces = recordings.flatMap(({ activity, steps }, row) => {
      const values = steps.map(([x]) => x);
      const { line } = plot([values, [-4, 4]], { left: 100, top: 12 + row * height, bottom: 8 + (row + 1) * height });
      return [text(16, 12 + (row + 0.6) * height, activity), line(values, 'one')];
    });
    return ['The acceleration of a watch in ten seconds of four activities', pieces];
  },
  async 'forecast-co2'() {
    const { series, future } = await resultOf('forecast-co2');
    const past = series.slice(-104);
    const [lower, values, upper] = [future.lower, future.values, future.upper].map(({ data }) => Array.from(data));
    const { line, band } = plot([past, lower, upper], { length: past.length + values.length, top: 36 });
    const pieces = [text(16, 24, 'carbon dioxide in the air, and its forecast', 'weak')];
    return [
      'Two years of carbon dioxide, a forecast of half a year and its interval',
      [...pieces, band(lower, upper, 104), line(past, 'one'), line(values, 'two', 104)],
    ];
  },
  async 'find-anomalies'() {
    const { pressure, errors, windows, alarms } = await resultOf('find-anomalies');
    const [from, to] = [windows[2][0] - 120, windows[2][1] + 120];
    const shown = pressure.slice(from, to);
    const { line } = plot([shown], { top: 36, bottom: 120 });
    const below = plot([errors.slice(from, to)], { top: 136, bottom: 184 });
    const whole = plot([shown], { top: 36, bottom: 184 });
    const alarm = alarms
      .filter(([first, last]) => first >= from && last < to)
      .map(([first, last]) => whole.shade(first - from, last - from + 1));
    return [
      'The pressure of a pump, and below it the errors of its forecast, which are large at a fault',
      [
        ...alarm,
        text(16, 24, 'pressure, and the errors of its forecast', 'weak'),
        line(shown, 'one'),
        below.line(errors.slice(from, to), 'two'),
      ],
    ];
  },
  async 'convert-dates'() {
    const rows = await resultOf('convert-dates');
    const pieces = rows.flatMap(({ written, converted }, row) => [
      text(16, 36 + row * 34, written),
      text(WIDTH - 110, 36 + row * 34, converted, 'code'),
    ]);
    return ['Dates as people write them, and what the network wrote', pieces];
  },
  async 'compose-tunes'() {
    const tune = await resultOf('compose-tunes');
    let start = 0;
    const notes = tune.flat().flatMap(({ note, eighths }) => {
      const one = { start, length: eighths, pitch: pitchOf(note) };
      start += eighths;
      return note.startsWith('z') ? [] : [one];
    });
    return [
      'A new tune, its notes as bars whose height is the pitch',
      [text(16, 24, 'a new tune', 'weak'), ...pianoRoll(notes, { top: 40 })],
    ];
  },
  async 'invent-names'() {
    const names = await resultOf('invent-names');
    return ['Invented names', names.slice(0, 21).map((name, index) => text(20 + (index % 3) * 115, 32 + Math.floor(index / 3) * 25, name))];
  },
  async 'watch-sensor'() {
    const readings = (await resultOf('watch-sensor')).slice(0, 250);
    const celsius = readings.map((reading) => reading.celsius);
    const probabilities = readings.map(({ probability }) => probability);
    const whole = plot([celsius], { top: 36 });
    const open = readings.flatMap(({ isOpen }, row) => (isOpen ? [whole.shade(row - 0.5, row + 0.5)] : []));
    const above = plot([celsius], { top: 36, bottom: 130 });
    const below = plot([probabilities, [0, 1]], { top: 146, length: readings.length });
    return [
      'The temperature of a fridge, and below it the probability that its door is open, which is high where it is',
      [
        ...open,
        text(16, 24, 'temperature, and the probability of an open door', 'weak'),
        above.line(celsius, 'one'),
        below.line(probabilities, 'two'),
      ],
    ];
  },
  async 'serve-waves'() {
    const output = await outputOf(process.execPath, [join(examples, 'serve-waves.js'), '--clients', '64']);
    const short = (line) => (line.length > 46 ? `${line.slice(0, 45)}…` : line);
    return [
      'What the server printed after 64 clients',
      lines(['$ node examples/serve-waves.js --clients 64', ...output.trim().split('\n').map(short)], 'code'),
    ];
  },
  async page() {
    return ['Two sentences, and how good a page takes them to be', answerBars(await inBrowser((browser) => trainingPage(browser)))];
  },
  async react() {
    await runSteps([reactPackagesStep]);
    const { losses, actual, predicted } = await inBrowser(reactPage);
    const [loss, wave, forecast] = [losses, actual, predicted].map(valuesOf);
    const above = plot([loss], { top: 36, bottom: 96 });
    const below = plot([wave, forecast], { top: 112 });
    return [
      'The falling loss of a network that a component trains, and its forecast of a wave',
      [
        text(16, 24, 'the loss while it trains, and a forecast', 'weak'),
        above.line(loss, 'one'),
        below.line(wave, 'weak'),
        below.line(forecast, 'two'),
      ],
    ];
  },
  async 'service-worker'() {
    const { answers } = await inBrowser((browser) => serviceWorkerPage(browser));
    return ['Two sentences, judged by a service worker after the server has ended', answerBars(answers)];
  },
};

await runScript(async () => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !(name in PICTURES));
  if (unknown.length > 0)
    throw new SetUpError(`there is no picture of ${unknown.join(', ')}; there are ${Object.keys(PICTURES).join(', ')}`);
  // Examples read their own settings from the arguments of the process.
  process.argv.splice(2);
  mkdirSync(join(examples, 'pictures'), { recursive: true });
  for (const name of wanted.length > 0 ? wanted : Object.keys(PICTURES)) {
    const [title, pieces] = await PICTURES[name]();
    writeFileSync(join(examples, 'pictures', `${name}.svg`), picture(title, pieces));
  }
});
