/** What keeps the process from ending, besides timers: threads, ports, files. */
export function activeResources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'Timeout' && name !== 'Immediate')
    .sort();
}

/** Those that have come since. What was still closing then may be gone. */
export function resourcesSince(before: readonly string[]): string[] {
  const left = [...before];
  return activeResources().filter((name) => {
    const place = left.indexOf(name);
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
}
