import carbonDioxide from '../../../examples/data/co2-weekly/co2-weekly.csv?url';
import reviews from '../../../examples/data/movie-snippets/movie-snippets.tsv?url';
import motions from '../../data/basic-motions.csv?url';
import power from '../../data/italy-power-demand.csv?url';
import restaurant from '../../data/opiniones.csv?url';
import river from '../../data/river.csv?url';
import town from '../../data/stadt-meldungen.csv?url';
import tagged from '../../data/tagged-sentences.conll?url';
import type { TaskName } from '../tasks/task.ts';

/** A data set that comes with the page; its file is loaded when it is chosen. */
export interface BundledData {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  /** Where it is from, and its licence. */
  readonly source: string;
  /** What it is meant for; other tasks may be chosen. */
  readonly task: TaskName;
  readonly url: string;
  /** Whether the file has a word a line, with its tag; others are tables. */
  readonly areWords?: boolean;
  /** Readable names for cells, by column name. */
  readonly names?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const BUNDLED: readonly BundledData[] = [
  {
    id: 'reviews',
    name: 'Film reviews: liked or not?',
    about: '10,568 sentences from film reviews, rated by 20 people each.',
    source: 'vaderSentiment (MIT licence)',
    task: 'classifyText',
    url: reviews,
    names: { label: { 0: 'negative', 1: 'positive' } },
  },
  {
    id: 'town',
    name: 'Meldungen an die Stadt: welches Amt?',
    about: 'Auf Deutsch: 720 reports to a town, to be sent to one of four offices.',
    source: 'made up for this page',
    task: 'classifyText',
    url: town,
  },
  {
    id: 'restaurant',
    name: 'Opiniones de un restaurante',
    about: 'En español: 600 opinions of guests, good or bad.',
    source: 'made up for this page',
    task: 'classifyText',
    url: restaurant,
  },
  {
    id: 'motions',
    name: 'Smart watch: walking, running, standing or badminton?',
    about: '80 recordings of ten seconds, six sensors each, from a watch on the wrist.',
    source: 'BasicMotions, UCR/UEA archive, by way of aeon (BSD licence)',
    task: 'classifySeries',
    url: motions,
  },
  {
    id: 'power',
    name: 'A day’s use of power: winter or summer?',
    about: '1,096 days in Italy, hour by hour.',
    source: 'ItalyPowerDemand, UCR/UEA archive, by way of aeon (BSD licence)',
    task: 'classifySeries',
    url: power,
  },
  {
    id: 'tagged',
    name: 'Sentences: which word is a noun, which a verb?',
    about: '1,500 sentences whose words can often be both, as in “the cooks water the plants”.',
    source: 'made up for Backtime',
    task: 'tagWords',
    url: tagged,
    areWords: true,
  },
  {
    id: 'ratings',
    name: 'Film reviews: how much were they liked?',
    about: 'The same sentences, with the mean of 20 ratings from −4 to 4.',
    source: 'vaderSentiment (MIT licence)',
    task: 'predictNumber',
    url: reviews,
  },
  {
    id: 'carbon-dioxide',
    name: 'Carbon dioxide in the air, week by week',
    about: 'Mauna Loa, 1958 to 2001, parts per million: a season of a year, and a rising trend.',
    source: 'statsmodels (public domain)',
    task: 'forecast',
    url: carbonDioxide,
  },
  {
    id: 'river',
    name: 'The water level of a river, day by day',
    about: 'Four years: it rises after rain and falls slowly. It has no season.',
    source: 'made up for this page',
    task: 'forecast',
    url: river,
  },
  {
    id: 'critics',
    name: 'The words of film critics',
    about: 'The sentences of the film reviews, as a text to imitate. The first epochs give half words; with more it writes like a critic.',
    source: 'vaderSentiment (MIT licence)',
    task: 'write',
    url: reviews,
  },
];
