import { modelToBytes } from 'backtime';
import { useState } from 'preact/hooks';
import { codeSnippet } from '../model/codeSnippet.ts';
import { encodeTrained } from '../model/modelFile.ts';
import { hasSeveral, modelPage, pipelineFor } from '../model/modelPage.ts';
import { dataIn, needed, withoutData } from '../model/personalData.ts';
import type { TrainedModel } from '../model/trainedModel.ts';
import { messageOf } from '../state/messageOf.ts';
import { type ForecastNotes, seriesAt } from '../tasks/forecast.ts';
import { download, fileName } from './download.ts';
import { Failure } from './section.tsx';
import { SeriesChoice } from './tryForecast.tsx';

/** The model as files: for this page, as a page of its own, and for programs. */
export function TakeAway({ trained }: { trained: TrainedModel }) {
  const [leavesOut, setLeavesOut] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [place, setPlace] = useState(0);
  const { run, trainedOn } = trained;
  // A program has one series to go on from, in its scale.
  const chosen = trained.notes.task === 'forecast' ? { ...trained, notes: seriesAt(trained.notes, place) } : trained;
  const { notes } = chosen;
  const name = fileName(run?.name ?? trainedOn);
  const held = dataIn(trained);
  const isWriter = notes.task === 'write';
  const attempt = (work: () => Promise<void>) => {
    setError(null);
    work().catch((reason: unknown) => setError(`The file could not be made: ${messageOf(reason)}`));
  };
  const saveForPage = async () =>
    download(`${name}.safetensors`, await encodeTrained(leavesOut ? withoutData(trained) : trained), 'application/octet-stream');
  const savePage = async () => {
    download(`${name}.html`, await modelPage(trained, leavesOut), 'text/html');
  };
  const saveForPrograms = async () => {
    const bytes = (await modelToBytes(pipelineFor(chosen))) as Uint8Array<ArrayBuffer>;
    download(`${name}-for-programs.safetensors`, bytes, 'application/octet-stream');
  };
  return (
    <section id="take-away" aria-label="Take the model away">
      <h3>Take it away</h3>
      <div class="buttons">
        {!isWriter && (
          <button type="button" id="download-page" onClick={() => attempt(savePage)}>
            Download as a page that runs it
          </button>
        )}
        <button type="button" id="download-button" onClick={() => attempt(saveForPage)}>
          Download the model
        </button>
      </div>
      <p class="note">
        {!isWriter && 'The page is one file: it runs the model by a double click, without a network, on any device. '}
        {trained.notes.task === 'forecast' && sayOfPage(trained.notes, leavesOut)}
        The model is for this page: load it below, here or on another device.
      </p>
      <p id="data-in-model" class="note">
        Beside what it has learnt, the model’s file holds {needed(trained)}
        {held.length === 0 ? '.' : `, and of your data ${held.join(' and ')}.`}
      </p>
      {held.length > 0 && (
        <div class="check">
          <input type="checkbox" id="leave-out" checked={leavesOut} onChange={({ currentTarget }) => setLeavesOut(currentTarget.checked)} />
          <label for="leave-out">Leave my data out of the files: then the model is tried on a new file only</label>
        </div>
      )}
      {!isWriter && (
        <details id="for-programs">
          <summary>Use it in a program</summary>
          {trained.notes.task === 'forecast' && hasSeveral(trained.notes) && (
            <>
              <SeriesChoice id="away-series" notes={trained.notes} place={place} onChange={setPlace} />
              <p class="note">The model for programs is for one series; the page and the model for this page have all.</p>
            </>
          )}
          <div class="buttons">
            <button type="button" id="download-for-programs" onClick={() => attempt(saveForPrograms)}>
              Download the model for programs
            </button>
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <section class="scroll" tabIndex={0} aria-label="A program that uses the model">
            <pre id="snippet">{codeSnippet(notes, `${name}-for-programs.safetensors`)}</pre>
          </section>
        </details>
      )}
      <Failure message={error} />
    </section>
  );
}

/** What of the data a page of forecasts has. */
function sayOfPage(notes: ForecastNotes, leavesOut: boolean): string {
  const isEmpty = leavesOut || notes.series.length === 0;
  if (hasSeveral(notes))
    return `It has a list of all series, by their names${isEmpty ? '' : ', with the last values of each to go on from'}. `;
  return isEmpty ? '' : 'It holds the last values of the series, to go on from. ';
}
