import { FileError, loadModel, type Model } from '../node.ts';
import type { Reading } from './table.ts';
import { TASK_NAMES, type TaskName } from './taskNames.ts';

/**
 * Loads a model of any format that `loadModel` reads.
 * @throws {FileError} when there is no such file
 * @throws the errors of `loadModel`
 */
export async function loadAnyModel(file: string): Promise<Model> {
  return loadModel<Model>(file).catch((error) => {
    if (error instanceof FileError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT')
      throw new FileError(`there is no model ${file}: train one by "backtime train", or name its file by --model`, { cause: error });
    throw error;
  });
}

/**
 * Loads a model.
 * @returns the model, its task, null when this command did not train it, and how the file was read
 *   that it was trained on
 * @throws the errors of {@link loadAnyModel}
 */
export async function openModel(file: string): Promise<{ model: Model; task: TaskName | null; saved: Reading }> {
  const model = await loadAnyModel(file);
  const task = TASK_NAMES.find((each) => each === model.metadata.task) ?? null;
  return { model, task, saved: task === null ? {} : ((model.metadata.reading ?? {}) as Reading) };
}
