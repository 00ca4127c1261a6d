const numberedName = (place: number): string => `column${place + 1}`;

/** Names of columns that have none. */
export const numberedNames = (count: number): string[] => Array.from({ length: count }, (_, place) => numberedName(place));

/** Names of columns: every one has a name, and no two have the same. */
export function uniqueNames(fields: readonly string[]): string[] {
  const taken = new Set<string>();
  return fields.map((field, place) => {
    const base = field.trim() === '' ? (place === 0 ? 'index' : numberedName(place)) : field.trim();
    let name = base;
    for (let number = 2; taken.has(name); number++) name = `${base}_${number}`;
    taken.add(name);
    return name;
  });
}
