import type { NewData } from '../tasks/newData.ts';
import type { TaskNotes } from '../tasks/taskNotes.ts';
import { OpenedData } from './openedData.ts';

/**
 * Reads a file for a trained model, in a worker of its own.
 * @throws {Error} with a message for the user
 */
export async function readNewData(file: File, notes: TaskNotes): Promise<NewData> {
  const opened = new OpenedData(() => {});
  try {
    await opened.open({ files: [{ file, path: file.name }] }, () => {});
    return await opened.newDataFor(notes);
  } finally {
    opened.close();
  }
}
