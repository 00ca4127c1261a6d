import type { HDF5Group } from '../hdf5/group.ts';

/** A list of texts among the attributes of a group, which Keras splits when it is long. */
export function listedTexts({ attributes }: HDF5Group, name: string): string[] {
  const whole = attributes.get(name);
  if (whole) return Array.from(whole as ArrayLike<unknown>, String);
  const texts: string[] = [];
  for (let part = 0; attributes.has(`${name}${part}`); part++)
    texts.push(...Array.from(attributes.get(`${name}${part}`) as ArrayLike<unknown>, String));
  return texts;
}
