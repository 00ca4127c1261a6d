import type { TrainedModel } from '../model/trainedModel.ts';
import { loadModelFile, modelError, modelStatus, trained } from '../state/trained.ts';
import { TASKS } from '../tasks/task.ts';
import { THINGS } from '../tasks/things.ts';
import { ClassReport } from './classReport.tsx';
import { Scores } from './scores.tsx';
import { Failure, Section } from './section.tsx';
import { TakeAway } from './takeAway.tsx';
import { TryForecast } from './tryForecast.tsx';
import { TryNumber } from './tryNumber.tsx';
import { TrySeries } from './trySeries.tsx';
import { TryTags } from './tryTags.tsx';
import { TryText } from './tryText.tsx';
import { TryWriting } from './tryWriting.tsx';
import { UseOnData } from './useOnData.tsx';

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
          {current.report && 'classes' in current.notes && (
            <ClassReport
              report={current.report}
              classes={current.notes.classes}
              things={THINGS[current.notes.task]}
              name={current.run?.name ?? current.trainedOn}
            />
          )}
          <TryPanel trained={current} />
          <UseOnData key={current.id} trained={current} />
          <TakeAway key={`away ${current.id}`} trained={current} />
        </>
      )}
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
    case 'tagWords':
      return <TryTags key={keyOf(model)} model={model} notes={notes} />;
    case 'classifySeries':
      return <TrySeries key={keyOf(model)} model={model} notes={notes} />;
    case 'predictNumber':
      return <TryNumber key={keyOf(model)} model={model} notes={notes} />;
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
