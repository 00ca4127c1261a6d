/** Names of columns: every one has a name, and no two have the same. */
export function uniqueNames(fields: readonly string[]): string[] {
  const taken = new Set<string>();
  return fields.map((field, place) => {
    const base = field.trim() === '' ? (place === 0 ? 'index' : `column${place + 1}`) : field.trim();
    let name = base;
    for (let number = 2; taken.has(name); number++) name = `${base}_${number}`;
    taken.add(name);
    return name;
  });
}
