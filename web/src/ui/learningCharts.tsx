import { count } from '../data/count.ts';
import type { CurvePoint } from '../training/learningCurve.ts';
import { Chart, type ChartLine } from './chart.tsx';
import { Help } from './help.tsx';

interface LearningChartsProps {
  readonly points: readonly CurvePoint[];
  readonly epochs: number;
  readonly hasAccuracy: boolean;
}

/**
 * Loss and accuracy while training and on the validation data, as charts and, for an epoch a row,
 * as a table. They are there before training begins: nothing jumps then, and the first drawing,
 * which loads fonts, does not fall into it.
 */
export function LearningCharts({ points, epochs, hasAccuracy }: LearningChartsProps) {
  const x = points.map(({ epoch }) => epoch);
  const done = points.filter(({ validationLoss }) => validationLoss !== null);
  const xRange = [0, epochs >= 1 ? epochs : 1] as const;
  return (
    <div class="charts">
      <p class="charts-about">
        How wrong the answers are (loss
        <Help term="loss" />){hasAccuracy && ' and how many are right'}, after each epoch: on the examples that it learns from, and on the
        validation data
        <Help term="validation" />. Where only the first goes on getting better, it learns by heart.
      </p>
      <Chart
        description={`Loss by epoch. ${trend(done.map(({ validationLoss }) => validationLoss))}`}
        x={x}
        xLabel="epoch"
        xText={epochText}
        yLabel="loss"
        xRange={xRange}
        lines={linesOf(
          points.map(({ loss }) => loss),
          points.map(({ validationLoss }) => validationLoss),
        )}
      />
      {hasAccuracy && (
        <Chart
          description={`Part that is right by epoch. ${trend(done.map(({ validationAccuracy }) => validationAccuracy))}`}
          x={x}
          xLabel="epoch"
          xText={epochText}
          yLabel="part right"
          xRange={xRange}
          yRange={[0, 1]}
          lines={linesOf(
            points.map(({ accuracy }) => accuracy),
            points.map(({ validationAccuracy }) => validationAccuracy),
          )}
        />
      )}
      {done.length > 0 && <EpochTable points={done} hasAccuracy={hasAccuracy} />}
    </div>
  );
}

/** An epoch is told by its number also while it is under way. */
function epochText(epoch: number): string {
  return count(Math.ceil(epoch));
}

function linesOf(training: ChartLine['values'], validation: ChartLine['values']): readonly ChartLine[] {
  return [
    { label: 'training', values: training, color: 1 },
    { label: 'validation', values: validation, color: 2, dash: [6, 4], points: true },
  ];
}

function EpochTable({ points, hasAccuracy }: { points: readonly CurvePoint[]; hasAccuracy: boolean }) {
  return (
    <details id="epochs-numbers">
      <summary>The numbers of every epoch</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="scroll tall" tabIndex={0} aria-label="The numbers of every epoch">
        <table id="epochs-table">
          <thead>
            <tr>
              <th scope="col">epoch</th>
              <th scope="col">loss</th>
              <th scope="col">validation loss</th>
              {hasAccuracy && <th scope="col">right</th>}
              {hasAccuracy && <th scope="col">right on validation</th>}
            </tr>
          </thead>
          <tbody>
            {points.map(({ epoch, loss, accuracy, validationLoss, validationAccuracy }) => (
              <tr key={epoch}>
                <td>{epoch}</td>
                <td>{loss?.toFixed(4)}</td>
                <td>{validationLoss?.toFixed(4)}</td>
                {hasAccuracy && <td>{percent(accuracy)}</td>}
                {hasAccuracy && <td>{percent(validationAccuracy)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

function percent(part: number | null): string {
  return part === null ? '' : `${(100 * part).toFixed(1)} %`;
}

function trend(values: readonly (number | null)[]): string {
  const numbers = values.filter((value) => value !== null);
  if (numbers.length === 0) return 'No epoch is done yet.';
  return `On validation data ${numbers[0].toFixed(3)} after the first epoch, ${numbers[numbers.length - 1].toFixed(3)} after epoch ${numbers.length}.`;
}
