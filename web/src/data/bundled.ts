import carbonDioxide from '../../../examples/data/co2-weekly/co2-weekly.csv?url';
import reviews from '../../../examples/data/movie-snippets/movie-snippets.tsv?url';
import motions from '../../data/basic-motions.csv?url';
import type { TaskName } from '../tasks/task.ts';

/** A data set that comes with the page; its file is loaded when it is chosen. */
export interface BundledData {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  /** What it is meant for; other tasks may be chosen. */
  readonly task: TaskName;
  readonly url: string;
  /** Readable names for cells, by column name. */
  readonly names?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const BUNDLED: readonly BundledData[] = [
  {
    id: 'reviews',
    name: 'Film reviews: liked or not?',
    about: '10,568 sentences from film reviews, rated by 20 people each. Source: vaderSentiment (MIT licence).',
    task: 'classifyText',
    url: reviews,
    names: { label: { 0: 'negative', 1: 'positive' } },
  },
  {
    id: 'motions',
    name: 'Smart watch: walking, running, standing or badminton?',
    about: '80 recordings of ten seconds from a watch on the wrist. Source: BasicMotions, UCR/UEA archive, by way of aeon (BSD licence).',
    task: 'classifySeries',
    url: motions,
  },
  {
    id: 'carbon-dioxide',
    name: 'Carbon dioxide in the air, week by week',
    about: 'Mauna Loa, 1958 to 2001, parts per million. Source: statsmodels (public domain).',
    task: 'forecast',
    url: carbonDioxide,
  },
  {
    id: 'critics',
    name: 'The words of film critics',
    about: 'The same sentences from film reviews, as a text to imitate. Source: vaderSentiment (MIT licence).',
    task: 'write',
    url: reviews,
  },
];
