import { useTraining } from './useTraining.js';

/** A line through values, from the left to the right edge. */
function Curve({ values, places, from, to, colour }) {
  const x = (place) => (100 * place) / (places - 1);
  const y = (value) => 2 + (36 * (to - value)) / (to - from);
  const points = values.map((value, place) => `${x(place)},${y(value)}`).join(' ');
  return <polyline points={points} fill="none" stroke={colour} vectorEffect="non-scaling-stroke" strokeWidth="2" />;
}

/** A button that trains a network, the curve of its loss, and its forecasts. */
export function Trainer() {
  const { losses, running, forecast, error, epochs, train, stop } = useTraining();
  const logs = losses.map((loss) => Math.log10(loss));
  return (
    <>
      <h1>Train in a React component</h1>
      <p>
        <button type="button" onClick={running ? stop : train}>
          {running ? 'Stop' : 'Train'}
        </button>{' '}
        <output>{losses.length > 0 && `epoch ${losses.length} of ${epochs}, loss ${losses.at(-1).toFixed(4)}`}</output>
      </p>
      {error !== null && <p role="alert">{error.message}</p>}
      {losses.length > 1 && (
        <svg viewBox="0 0 100 40" role="img" aria-label="The loss of each epoch, on a scale of powers of ten">
          <Curve values={logs} places={epochs} from={Math.min(...logs)} to={Math.max(...logs)} colour="#2f81c9" />
        </svg>
      )}
      {forecast.length > 0 && (
        <svg viewBox="0 0 100 40" role="img" aria-label="A wave and its forecasts">
          <Curve values={forecast.map(({ actual }) => actual)} places={forecast.length} from={-1} to={1} colour="#888888" />
          <Curve values={forecast.map(({ predicted }) => predicted)} places={forecast.length} from={-1} to={1} colour="#d9730d" />
        </svg>
      )}
    </>
  );
}
