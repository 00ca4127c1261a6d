import type { SeriesNotes } from './classifySeries.ts';
import type { TextNotes } from './classifyText.ts';
import type { ForecastNotes } from './forecast.ts';
import type { NumberNotes } from './predictNumber.ts';
import type { TagNotes } from './tagWords.ts';
import type { WritingNotes } from './write.ts';

/** What a trained model needs besides its weights to be used; plain JSON, saved with the model. */
export type TaskNotes = TextNotes | TagNotes | SeriesNotes | NumberNotes | ForecastNotes | WritingNotes;
