import { afterEach, expect, test } from 'vitest';
import { registerClass, setWarningHandler } from '../../ts/index.ts';

afterEach(() => setWarningHandler(null));

test('a second class under a taken name is warned of, the same source again is not', () => {
  const warnings: string[] = [];
  setWarningHandler((message, code) => warnings.push(`${code}: ${message}`));
  const again = () => registerClass((x: number) => x + 1, { name: 'replaced' });
  again();
  again();
  expect(warnings).toEqual([]);
  registerClass((x: number) => x + 2, { name: 'replaced' });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^CLASS_REPLACED: registerClass: 'Custom>replaced' was the name of another class/);
});
