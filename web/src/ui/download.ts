import Papa from 'papaparse';

/** Has the browser save a file. */
export function download(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the address after the click.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Saves a table as a file that spreadsheets open: its first bytes tell them that it is UTF-8. */
export function downloadTable(name: string, header: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const text = Papa.unparse({ fields: [...header], data: rows.map((row) => [...row]) });
  download(`${fileName(name)}.csv`, `\ufeff${text}`, 'text/csv');
}

/** A name as a file may have it. */
export function fileName(name: string): string {
  return (
    name
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 80) || 'backtime'
  );
}
