import { expect, test } from 'vitest';
import { Speed } from '../src/training/speed.ts';

test('speed and time left count work, not pauses, and not what came before the first report', () => {
  const speed = new Speed(1000, 0);
  expect([speed.samplesPerSecond, speed.secondsLeft]).toEqual([null, null]);
  speed.report(100, 5000);
  expect(speed.samplesPerSecond).toBeNull();
  speed.report(200, 6000);
  expect([speed.samplesPerSecond, speed.secondsLeft]).toEqual([100, 8]);
  speed.pause(6500);
  speed.resume(60_000);
  speed.report(300, 60_500);
  expect([speed.samplesPerSecond, speed.secondsLeft]).toEqual([100, 7]);
});
