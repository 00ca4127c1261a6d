import { FileError, loadModel, type Model } from '../node.ts';
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
 * @returns the model, and its task; null when this command did not train it
 * @throws the errors of {@link loadAnyModel}
 */
export async function openModel(file: string): Promise<{ model: Model; task: TaskName | null }> {
  const model = await loadAnyModel(file);
  return { model, task: TASK_NAMES.find((task) => task === model.metadata.task) ?? null };
}
