// Writes the examples of the page that are made up: node web/data/generate.mjs. They are the same
// each time.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { makeSentences } from '../../examples/datasets/sentences.js';

let state = 20_261;

/** A number from 0 to 1. */
function random() {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  // The lowest bits of such a generator hardly change.
  return (state >>> 8) / 2 ** 24;
}

const pick = (list) => list[Math.floor(random() * list.length)];
const chance = (part) => random() < part;

function write(name, header, rows) {
  const quoted = (cell) => (/[",]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : cell);
  const text = [header, ...rows].map((row) => row.map(quoted).join(',')).join('\n');
  writeFileSync(fileURLToPath(new URL(name, import.meta.url)), `${text}\n`);
}

// What people of a town report, and which office is to read it.
const STREETS = ['Lindenstraße', 'Hauptstraße', 'Bahnhofstraße', 'Goethestraße', 'Mühlgasse', 'Ringstraße', 'Schulweg', 'Marktplatz'];
const REPORTS = {
  Straßen: [
    'ein tiefes Schlagloch',
    'ein loser Gullydeckel',
    'eine kaputte Straßenlaterne',
    'aufgebrochener Asphalt',
    'eine wackelnde Gehwegplatte',
    'ein gesenkter Bordstein',
  ],
  Müll: [
    'eine überquellende Mülltonne',
    'wilder Sperrmüll',
    'ein voller Altglascontainer',
    'zerbrochene Flaschen',
    'eine nicht geleerte Biotonne',
    'alte Reifen und Säcke',
  ],
  Verkehr: [
    'eine defekte Ampel',
    'ein falsch parkendes Auto',
    'zu schnelle Autos',
    'ein verdrehtes Verkehrsschild',
    'ein zugeparkter Radweg',
    'eine zu kurze Grünphase',
  ],
  Grünflächen: [
    'ein abgebrochener Ast',
    'eine wuchernde Hecke',
    'ein umgestürzter Baum',
    'vertrocknete Beete',
    'eine beschädigte Parkbank',
    'hohes Unkraut',
  ],
};
const OPENINGS = ['Guten Tag, ', 'Hallo, ', 'Sehr geehrte Damen und Herren, ', 'Bitte schauen Sie nach: ', '', ''];
const PLACES = [
  (street) => `in der Nähe (${street})`,
  (street) => `${street}, Hausnummer ${1 + Math.floor(random() * 90)}`,
  (street) => `direkt vor der Schule (${street})`,
];
const CLOSINGS = [
  '.',
  ', schon seit Wochen.',
  ', das ist gefährlich!',
  '. Wann wird das behoben?',
  '. Danke!',
  ', und niemand kümmert sich.',
];
write(
  'stadt-meldungen.csv',
  ['Meldung', 'Amt'],
  Array.from({ length: 720 }, () => {
    const [office, things] = pick(Object.entries(REPORTS));
    const thing = pick(things);
    const text = `${pick(OPENINGS)}${pick(['hier ist', 'ich melde:', 'aufgefallen ist mir:'])} ${thing} ${pick(PLACES)(pick(STREETS))}${pick(CLOSINGS)}`;
    // People write to the wrong office, too.
    return [text, chance(0.03) ? pick(Object.keys(REPORTS)) : office];
  }),
);

// What guests say of a restaurant.
const DISHES = [
  'la paella',
  'la sopa',
  'el pescado',
  'el postre',
  'la carne',
  'el servicio',
  'la terraza',
  'el café',
  'la tortilla',
  'el camarero',
];
const GOOD = [
  'nos encantó',
  'fue una maravilla',
  'superó lo esperado',
  'mereció la pena',
  'es de lo mejor de la ciudad',
  'nos sorprendió para bien',
];
const BAD = [
  'no nos gustó nada',
  'fue una decepción',
  'dejó mucho que desear',
  'fue un desastre',
  'no vale lo que cuesta',
  'nos hizo perder la paciencia',
];
const ENDS = {
  buena: ['Volveremos pronto.', '¡Muy recomendable!', 'Gracias por todo.', ''],
  mala: ['No volveremos.', 'No lo recomiendo.', 'Una pena.', ''],
};
write(
  'opiniones.csv',
  ['opinión', 'valoración'],
  Array.from({ length: 600 }, () => {
    const rating = chance(0.55) ? 'buena' : 'mala';
    const says = (good) => `${pick(DISHES)} ${pick(good ? GOOD : BAD)}`;
    const isGood = rating === 'buena';
    const first = says(isGood);
    const text = chance(0.35)
      ? `Aunque ${says(!isGood)}, ${first}.`
      : `${first[0].toUpperCase()}${first.slice(1)}${chance(0.5) ? ` y ${says(isGood)}` : ''}.`;
    return [`${text} ${pick(ENDS[rating])}`.trim(), rating];
  }),
);

// The water level of a river: it rises after rain, most in spring, and falls slowly.
const DAY = 86_400_000;
let water = 0;
write(
  'river.csv',
  ['date', 'level in cm'],
  Array.from({ length: 1461 }, (_, day) => {
    const date = new Date(Date.UTC(2021, 0, 1) + day * DAY);
    const spring = 1 + 0.5 * Math.sin((2 * Math.PI * (day - 10)) / 365.25);
    const rain = chance(0.22) ? 60 * random() * spring : 0;
    water = 0.88 * water + rain;
    return [date.toISOString().slice(0, 10), Math.round(140 + water + 6 * random())];
  }),
);

// Sentences whose words are often of several kinds, a word a line.
writeFileSync(
  fileURLToPath(new URL('tagged-sentences.conll', import.meta.url)),
  makeSentences(1500, 1)
    .map(({ words, tags }) => words.map((word, place) => `${word}\t${tags[place]}\n`).join(''))
    .join('\n'),
);
