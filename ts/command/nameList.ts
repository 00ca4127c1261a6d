/** The names in the value of a flag, with commas between; one with a comma is in quotes. */
export function namesIn(text: string): string[] {
  const parts = text.match(/(?:\s*"[^"]*"\s*|[^,"]|"[^",]*)+/g) ?? [''];
  return parts.map((part) => part.trim().replace(/^"(.*)"$/, '$1'));
}
