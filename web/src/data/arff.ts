/**
 * Whether a text is a file of Weka: attributes with their kinds, then rows.
 * @param begin its first lines
 */
export function isARFF(begin: string): boolean {
  return /^([%].*\s+)*@relation\b[\s\S]*^@attribute\s/im.test(begin);
}

/**
 * The same rows as CSV, each on its own line: the names stand in the place of `@data`, which is
 * above the rows.
 */
export function arffAsCSV(text: string): string {
  const names: string[] = [];
  let isHead = true;
  const asCSV = (line: string): string => {
    if (!isHead) return withoutApostrophes(line);
    const [, quoted, plain] = /^\s*@attribute\s+(?:'((?:[^'\\]|\\.)*)'|"?([^\s"]+)"?)/i.exec(line) ?? [];
    const name = quoted ?? plain;
    if (name !== undefined) names.push(name.replace(/\\(.)/g, '$1'));
    if (!/^\s*@data\b/i.test(line)) return '';
    isHead = false;
    return names.map(inQuotes).join(',');
  };
  return text
    .split(/\r\n?|\n/)
    .map(asCSV)
    .join('\n');
}

function inQuotes(field: string): string {
  return `"${field.replaceAll('"', '""')}"`;
}

/** Fields in apostrophes as fields in quotes. */
function withoutApostrophes(line: string): string {
  return line.replace(
    /(^|,)\s*'((?:[^'\\]|\\.)*)'\s*(?=,|$)/g,
    (_, before: string, field: string) => before + inQuotes(field.replace(/\\(.)/g, '$1')),
  );
}
