/** Probabilities of classes, as bars with numbers, the largest first. */
export function Probabilities({ classes, probabilities }: { classes: readonly string[]; probabilities: readonly number[] }) {
  const order = classes.map((_, index) => index).sort((a, b) => probabilities[b] - probabilities[a]);
  return (
    <ul class="probabilities">
      {order.slice(0, 10).map((index) => (
        <li key={classes[index]}>
          <span class="name">{classes[index]}</span>
          <meter min={0} max={1} value={probabilities[index]} aria-label={`Probability of ${classes[index]}`} />
          <span class="number">{(100 * probabilities[index]).toFixed(1)} %</span>
        </li>
      ))}
    </ul>
  );
}
