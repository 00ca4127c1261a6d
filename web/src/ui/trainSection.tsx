import { outdated, preparation } from '../state/data.ts';
import { plan } from '../state/model.ts';
import { announcement, pause, progress, resume, settings, status, stop, train, trainingError } from '../state/training.ts';
import { warnings } from '../state/warnings.ts';
import { hasAccuracy, type TrainingSettings } from '../training/trainingRun.ts';
import { ActionButton } from './actionButton.tsx';
import { LearningCharts } from './learningCharts.tsx';
import { NumberField } from './numberField.tsx';
import { Failure, NUMBER_MISSING, Section } from './section.tsx';
import { WorkersField } from './workersField.tsx';

export function TrainSection() {
  const idle = status.value === 'idle';
  const prepared = preparation.value?.prepared;
  const ready = !outdated.value && prepared != null && plan.value?.parameters != null;
  const { epochs, batchSize, learningRate } = settings.value;
  const valid = ![epochs, batchSize, learningRate].includes(Number.NaN);
  const set = (changed: Partial<TrainingSettings>) => {
    settings.value = { ...settings.value, ...changed };
  };
  return (
    <Section id="train" title="4. Training">
      <div class="fields">
        <NumberField
          id="epochs"
          label="Epochs (times through the data)"
          minimum={1}
          maximum={10_000}
          value={epochs}
          disabled={!idle}
          onChange={(value) => set({ epochs: value })}
        />
        <NumberField
          id="batch-size"
          label="Examples a step"
          minimum={1}
          maximum={4096}
          value={batchSize}
          disabled={!idle}
          onChange={(value) => set({ batchSize: value })}
        />
        <NumberField
          id="learning-rate"
          label="Learning rate (size of a step)"
          minimum={0}
          above
          maximum={1}
          step="decades"
          value={learningRate}
          disabled={!idle}
          onChange={(value) => set({ learningRate: value })}
        />
        <WorkersField disabled={!idle} />
      </div>
      <p role="status">{!valid && NUMBER_MISSING}</p>
      <div class="buttons">
        <ActionButton id="train-button" primary disabled={!idle || !ready || !valid} onClick={() => void train()}>
          Train
        </ActionButton>
        {status.value === 'paused' ? (
          <ActionButton id="pause-button" disabled={false} onClick={resume}>
            Go on
          </ActionButton>
        ) : (
          <ActionButton id="pause-button" disabled={status.value !== 'training'} onClick={pause}>
            Pause
          </ActionButton>
        )}
        <ActionButton id="stop-button" disabled={idle || status.value === 'stopping'} onClick={stop}>
          Stop
        </ActionButton>
      </div>
      {progress.value && (
        <>
          <progress aria-label="Training" max={1} value={progress.value.done} />
          <p id="train-status">{describeProgress()}</p>
        </>
      )}
      <p role="status" class="visually-hidden" id="announcement">
        {announcement.value}
      </p>
      <Failure message={trainingError.value} />
      <div role="status">
        {warnings.value.length > 0 && (
          <ul id="training-warnings" class="warnings">
            {warnings.value.map((message) => (
              <li key={message}>
                <strong>Note: </strong>
                {message}
              </li>
            ))}
          </ul>
        )}
      </div>
      {progress.value ? (
        <LearningCharts {...progress.value} />
      ) : (
        ready && <LearningCharts points={[]} epochs={epochs} hasAccuracy={hasAccuracy(prepared)} />
      )}
    </Section>
  );
}

function describeProgress(): string {
  const { value } = progress;
  if (!value) return '';
  const speed = value.samplesPerSecond === null ? '' : `, ${Math.round(value.samplesPerSecond).toLocaleString('en')} samples/s`;
  const left = value.secondsLeft === null || status.value === 'idle' ? '' : `, ${duration(value.secondsLeft)} left`;
  const state = { idle: value.done >= 1 ? 'Done: ' : 'Stopped: ', training: '', paused: 'Paused: ', stopping: 'Stopping: ' }[status.value];
  return `${state}epoch ${value.epoch} of ${value.epochs}${speed}${left}`;
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  return seconds < 3600 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
