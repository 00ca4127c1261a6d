import { amount } from '../data/count.ts';

/** Classes that are listed; the others are counted. */
const MOST_LISTED = 10;

/** Probabilities of classes, as bars with numbers, the largest first. */
export function Probabilities({ classes, probabilities }: { classes: readonly string[]; probabilities: readonly number[] }) {
  const order = classes.map((_, index) => index).sort((a, b) => probabilities[b] - probabilities[a]);
  const others = order.slice(MOST_LISTED);
  const rest = others.reduce((sum, index) => sum + probabilities[index], 0);
  return (
    <ul class="probabilities">
      {order.slice(0, MOST_LISTED).map((index) => (
        <li key={classes[index]}>
          <span class="name" dir="auto">
            {classes[index]}
          </span>
          <meter min={0} max={1} value={probabilities[index]} aria-label={`Probability of ${classes[index]}`} />
          <span class="number">{(100 * probabilities[index]).toFixed(1)} %</span>
        </li>
      ))}
      {others.length > 0 && (
        <li class="more">
          … and {amount(others.length, 'class')} more, {(100 * rest).toFixed(1)} % together.
        </li>
      )}
    </ul>
  );
}
