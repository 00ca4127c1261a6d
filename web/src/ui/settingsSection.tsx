import { changeSettings, repeats, seed, settings, status } from '../state/training.ts';
import { DEFAULT_PATIENCE } from '../tasks/defaults.ts';
import { Help } from './help.tsx';
import { ModelFields } from './modelFields.tsx';
import { NumberField } from './numberField.tsx';
import { Section } from './section.tsx';
import { WorkersField } from './workersField.tsx';

/** What need not be set: the network and how it is trained, folded away. */
export function SettingsSection() {
  return (
    <Section id="settings" title="3. Settings">
      <p>The usual settings suit most data. Change them to try what is better.</p>
      <details id="network-settings">
        <summary>The network</summary>
        <ModelFields />
      </details>
      <details id="training-settings">
        <summary>How it is trained</summary>
        <TrainingFields />
      </details>
    </Section>
  );
}

function TrainingFields() {
  const idle = status.value === 'idle';
  const { epochs, batchSize, learningRate, patience = null } = settings.value;
  return (
    <>
      <div class="fields">
        <NumberField
          id="epochs"
          label="Epochs (times through the data), at most"
          term="epoch"
          minimum={1}
          maximum={10_000}
          value={epochs}
          disabled={!idle}
          onChange={(value) => changeSettings({ epochs: value })}
        />
        <NumberField
          id="batch-size"
          label="Examples a step"
          term="batch"
          minimum={1}
          maximum={4096}
          value={batchSize}
          disabled={!idle}
          onChange={(value) => changeSettings({ batchSize: value })}
        />
        <NumberField
          id="learning-rate"
          label="Learning rate (size of a step)"
          term="learningRate"
          minimum={0}
          above
          maximum={1}
          step="decades"
          value={learningRate}
          disabled={!idle}
          onChange={(value) => changeSettings({ learningRate: value })}
        />
        <NumberField
          id="seed"
          label="Seed (begins the random numbers)"
          term="seed"
          minimum={0}
          maximum={999_999}
          value={seed.value}
          disabled={!idle}
          onChange={(value) => {
            seed.value = value;
          }}
        />
        <WorkersField disabled={!idle} />
      </div>
      <div class="check">
        <input
          type="checkbox"
          id="early-stopping"
          checked={patience !== null}
          disabled={!idle}
          onChange={({ currentTarget }) => changeSettings({ patience: currentTarget.checked ? DEFAULT_PATIENCE : null })}
        />
        <label for="early-stopping">End when it gets no better, and keep the best epoch</label>
        <Help term="earlyStopping" />
      </div>
      {patience !== null && (
        <div class="fields">
          <NumberField
            id="patience"
            label="Epochs without a better one before it ends"
            minimum={1}
            maximum={1000}
            value={patience}
            disabled={!idle}
            onChange={(value) => changeSettings({ patience: value })}
          />
        </div>
      )}
      <div class="check">
        <input
          type="checkbox"
          id="repeats"
          checked={repeats.value === 3}
          disabled={!idle}
          onChange={({ currentTarget }) => {
            repeats.value = currentTarget.checked ? 3 : 1;
          }}
        />
        <label for="repeats">Train it three times, with three seeds, to see how much is luck</label>
        <Help term="repeats" />
      </div>
    </>
  );
}
