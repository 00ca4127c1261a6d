import { useEffect, useState } from 'preact/hooks';
import { chooseFiles } from '../state/data.ts';

/**
 * Takes a file by the usual dialogue, or dropped anywhere on the page: beside the field the browser
 * would leave the page to show it.
 */
export function FileDrop() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const withdraw = new AbortController();
    const listen = (type: 'dragover' | 'dragleave' | 'drop', react: (event: DragEvent) => void) =>
      addEventListener(
        type,
        (event) => {
          if (!event.dataTransfer?.types.includes('Files')) return;
          event.preventDefault();
          react(event);
        },
        { signal: withdraw.signal },
      );
    listen('dragover', () => setOver(true));
    listen('dragleave', () => setOver(false));
    listen('drop', ({ dataTransfer }) => {
      setOver(false);
      chooseFiles(dataTransfer?.files);
    });
    return () => withdraw.abort();
  }, []);
  return (
    <div class={over ? 'drop over' : 'drop'}>
      <label for="file">… or your own file: a table (CSV, TSV) or a plain text. Drop it anywhere on the page, or pick it:</label>
      <input
        id="file"
        type="file"
        accept=".csv,.tsv,.tab,.txt,.md,text/*"
        onChange={({ currentTarget }) => {
          chooseFiles(currentTarget.files);
          // So that the same file can be picked again after it was mended.
          currentTarget.value = '';
        }}
      />
    </div>
  );
}
