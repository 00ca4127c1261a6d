import { signal } from '@preact/signals';
import { setWarningHandler } from 'backtime';

/** What the library found since training began: what it did may not be what was meant. */
export const warnings = signal<readonly string[]>([]);

/** Shows the library's warnings on the page, and still writes them to the console. */
export function showWarnings(): void {
  setWarningHandler((message) => {
    console.warn(message);
    // Another model may give the same one.
    warnings.value = [...new Set([...warnings.value, message])];
  });
}
