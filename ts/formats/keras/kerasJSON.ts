/**
 * Options of which Keras refuses an integer that is no float in Python: `1` instead of `1.0`.
 */
const FLOATS: readonly string[] = ['learning_rate', 'momentum', 'beta', 'threshold'];
const MARKED = new RegExp(`"(${FLOATS.join('|')})":"\\\\u0000(-?\\d+)"`, 'g');

/** JSON for Keras: numbers of options that must be floats have a decimal point. */
export function kerasJSON(value: unknown): string {
  const marked = JSON.stringify(value, (key, each) => (FLOATS.includes(key) && Number.isSafeInteger(each) ? `\0${each}` : each));
  return marked.replaceAll(MARKED, '"$1":$2.0');
}
