import { Adam, Dense, LSTM, Sequential, setRandomSeed } from 'backtime';
import { useEffect, useRef, useState } from 'react';

const EPOCHS = 30;
const STEPS = 16;
/** The sum of two waves, at a time. */
const wave = (time) => 0.6 * Math.sin(0.35 * time) + 0.4 * Math.sin(0.9 * time);
const windowAt = (time) => Array.from({ length: STEPS }, (_, step) => [wave(time + step)]);

/**
 * Trains a network to forecast the next value of a wave. `fit` runs in a worker, so the page stays
 * usable; its callback gives the loss of each epoch to React. The signal stops the training when
 * the component goes.
 */
export function useTraining() {
  const [state, setState] = useState({ losses: [], running: false, forecast: [], error: null });
  const controller = useRef(null);
  useEffect(() => () => controller.current?.abort(), []);

  async function train() {
    controller.current = new AbortController();
    const { signal } = controller.current;
    setState({ losses: [], running: true, forecast: [], error: null });
    setRandomSeed(1);
    const model = new Sequential([new LSTM(16), new Dense(1)]);
    try {
      model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'meanSquaredError' });
      const times = Array.from({ length: 600 }, (_, time) => time);
      const onEpochEnd = (_, { loss }) => setState((old) => ({ ...old, losses: [...old.losses, loss] }));
      const y = times.map((time) => wave(time + STEPS));
      await model.fit(times.map(windowAt), y, { epochs: EPOCHS, signal, callbacks: [{ onEpochEnd }] });
      // A hundred values that it was not trained on, each beside its forecast.
      const later = Array.from({ length: 100 }, (_, row) => 1000 + row);
      const { data } = await model.predict(later.map(windowAt));
      const forecast = later.map((time, row) => ({ actual: wave(time + STEPS), predicted: data[row] }));
      setState((old) => ({ ...old, running: false, forecast }));
    } catch (error) {
      setState((old) => ({ ...old, running: false, error: signal.aborted ? null : error }));
    } finally {
      model.dispose();
    }
  }

  return { ...state, epochs: EPOCHS, train, stop: () => controller.current?.abort() };
}
