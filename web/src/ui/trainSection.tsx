import { preparation } from '../state/data.ts';
import { isReady, settingsAreNumbers } from '../state/readiness.ts';
import { announcement, canGoOn, goOn, progress, settings, status, train, trainingError } from '../state/training.ts';
import { warnings } from '../state/warnings.ts';
import { hasAccuracy } from '../training/trainingRun.ts';
import { ActionButton } from './actionButton.tsx';
import { LearningCharts } from './learningCharts.tsx';
import { Failure, NUMBER_MISSING, Section } from './section.tsx';

export function TrainSection() {
  const idle = status.value === 'idle';
  const { value: shown } = progress;
  const prepared = preparation.value?.prepared;
  return (
    <Section id="train" title="4. Training">
      <p role="status">{!settingsAreNumbers.value && NUMBER_MISSING}</p>
      <div class="buttons">
        <ActionButton id="train-button" primary disabled={!idle || !isReady.value} onClick={() => void train()}>
          Train
        </ActionButton>
        {canGoOn.value && (
          <ActionButton id="go-on-button" disabled={!idle || !isReady.value} onClick={() => void goOn()}>
            Go on training the present model
          </ActionButton>
        )}
      </div>
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
      {shown ? (
        <>
          <p id="run-name">
            These are the curves of <strong>{shown.name}</strong>.
          </p>
          <LearningCharts {...shown} epochs={idle ? Math.ceil(shown.points.at(-1)?.epoch ?? 1) : shown.epochs} />
        </>
      ) : (
        prepared && isReady.value && <LearningCharts points={[]} epochs={settings.value.epochs} hasAccuracy={hasAccuracy(prepared)} />
      )}
    </Section>
  );
}
