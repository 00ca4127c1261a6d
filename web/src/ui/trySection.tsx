import { encodeTrained } from '../model/modelFile.ts';
import type { TrainedModel } from '../model/trainedModel.ts';
import { loadModelFile, modelError, modelStatus, trained } from '../state/trained.ts';
import { TASKS } from '../tasks/task.ts';
import { Scores } from './scores.tsx';
import { Failure, Section } from './section.tsx';
import { TryForecast } from './tryForecast.tsx';
import { TrySeries } from './trySeries.tsx';
import { TryText } from './tryText.tsx';
import { TryWriting } from './tryWriting.tsx';

export function TrySection() {
  const { value: current } = trained;
  return (
    <Section id="try" title="5. Try it">
      <p role="status" id="model-status">
        {modelStatus.value || (current ? '' : 'There is no trained model yet. Train one above, or load one.')}
      </p>
      <Failure message={modelError.value} />
      {current && (
        <>
          <p id="trained-on">
            {current.run && <strong>{current.run.name}. </strong>}
            {TASKS[current.notes.task].name}, trained on “{current.trainedOn}”.
          </p>
          <Scores trained={current} />
          <TryPanel trained={current} />
        </>
      )}
      <div class="buttons">
        {current && (
          <button type="button" id="download-button" onClick={() => void download(current)}>
            Download the model
          </button>
        )}
      </div>
      <div class="field">
        <label for="model-file">Load a model that was downloaded here (.safetensors)</label>
        <input
          id="model-file"
          type="file"
          accept=".safetensors"
          onChange={({ currentTarget }) => {
            const file = currentTarget.files?.[0];
            if (file) void loadModelFile(file);
            currentTarget.value = '';
          }}
        />
      </div>
    </Section>
  );
}

/** The panel of the model's task; another model begins it afresh. */
function TryPanel({ trained: { model, notes } }: { trained: TrainedModel }) {
  switch (notes.task) {
    case 'classifyText':
      return <TryText key={keyOf(model)} model={model} notes={notes} />;
    case 'classifySeries':
      return <TrySeries key={keyOf(model)} model={model} notes={notes} />;
    case 'forecast':
      return <TryForecast key={keyOf(model)} model={model} notes={notes} />;
    case 'write':
      return <TryWriting key={keyOf(model)} model={model} notes={notes} />;
  }
}

const keys = new WeakMap<object, number>();
let nextKey = 0;

function keyOf(model: object): number {
  const key = keys.get(model) ?? nextKey++;
  keys.set(model, key);
  return key;
}

async function download(trainedModel: TrainedModel): Promise<void> {
  const url = URL.createObjectURL(new Blob([await encodeTrained(trainedModel)], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `backtime-${trainedModel.notes.task}.safetensors`;
  link.click();
  // The browser reads the address after the click.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
