import { useEffect, useState } from 'preact/hooks';
import type { ChosenFile } from '../data/source.ts';
import { chooseFiles } from '../state/data.ts';

/** The kinds of files that the dialogue shows first. */
const ACCEPTED = '.csv,.tsv,.tab,.txt,.md,.dat,.xlsx,.json,.jsonl,.ndjson,.conll,.conllu,.iob,.ts,.gz,text/*';

/**
 * Takes files by the usual dialogue, pasted, or dropped anywhere on the page: beside the field the
 * browser would leave the page to show them.
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
      if (dataTransfer) void droppedFiles(dataTransfer).then(chooseFiles);
    });
    addEventListener('paste', (event) => paste(event), { signal: withdraw.signal });
    return () => withdraw.abort();
  }, []);
  return (
    <div class={over ? 'drop over' : 'drop'}>
      <label for="file">
        … or your own: a table (CSV, Excel, JSON, text with tabs), sentences with a word a line and its tag (CoNLL), a plain text, or
        several files of one kind. Drop them anywhere on the page, copy cells of a spreadsheet and paste them here, or pick a file:
      </label>
      <FilePicker id="file" />
      <label for="folder">or all files of a folder (a folder in it becomes a class, a file a recording):</label>
      <FilePicker id="folder" isFolder />
    </div>
  );
}

function FilePicker({ id, isFolder = false }: { id: string; isFolder?: boolean }) {
  return (
    <input
      id={id}
      type="file"
      multiple
      accept={isFolder ? undefined : ACCEPTED}
      ref={(input) => {
        if (input) input.webkitdirectory = isFolder;
      }}
      onChange={({ currentTarget }) => {
        chooseFiles(visible(Array.from(currentTarget.files ?? [], (file) => ({ file, path: file.webkitRelativePath || file.name }))));
        // So that the same file can be picked again after it was mended.
        currentTarget.value = '';
      }}
    />
  );
}

/** The files of a folder that people see: systems put hidden ones beside them. */
function visible(files: readonly ChosenFile[]): ChosenFile[] {
  return files.filter(({ path }) => files.length === 1 || !path.split('/').some((part) => part.startsWith('.') || part === 'Thumbs.db'));
}

/** All files that were dropped, those in folders too, in the order of their names. */
async function droppedFiles({ items, files }: DataTransfer): Promise<ChosenFile[]> {
  const entries = Array.from(items, (item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some((entry) => entry?.isDirectory)) return Array.from(files, (file) => ({ file, path: file.name }));
  const found = await Promise.all(entries.map((entry) => (entry ? filesIn(entry) : [])));
  return visible(found.flat().sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true })));
}

async function filesIn(entry: FileSystemEntry): Promise<ChosenFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ file, path: entry.fullPath.replace(/^\//, '') }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inside: FileSystemEntry[] = [];
  // A reader gives some hundred entries at a time.
  for (let some = await readSome(reader); some.length > 0; some = await readSome(reader)) inside.push(...some);
  return (await Promise.all(inside.map(filesIn))).flat();
}

function readSome(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

/** Takes what is pasted beside fields, in which one types. */
function paste(event: ClipboardEvent): void {
  const { target, clipboardData } = event;
  if (
    !clipboardData ||
    (target instanceof Element && target.matches('input:not([type=file]):not([type=radio]):not([type=checkbox]), textarea'))
  )
    return;
  const files = Array.from(clipboardData.files, (file) => ({ file, path: file.name }));
  const text = clipboardData.getData('text/plain');
  if (text.trim() === '' && files.length === 0) return;
  event.preventDefault();
  const name = 'pasted text';
  // Spreadsheets copy a picture of the cells beside their text.
  chooseFiles(text.trim() === '' ? files : [{ file: new File([text], name), path: name }]);
}
