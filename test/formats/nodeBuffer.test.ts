import { expect, test } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../ts/formats/safetensors.ts';

test('tensors read from a Node Buffer, whose slice is a view, are copies of their own bytes', () => {
  const tensors = [
    { name: 'a', shape: [2], data: Float32Array.of(1, 2) },
    { name: 'b', shape: [3], data: Float64Array.of(3, 4, 5) },
  ];
  const file = Buffer.from(encodeSafetensors({ tensors, metadata: { note: 'text' } }));
  const read = decodeSafetensors(file, 'test');
  file.fill(0);
  expect(read).toEqual({ tensors, metadata: { note: 'text' } });
});
