import { FileError, loadModel, type Model } from '../node.ts';
import type { TaskName } from './taskNames.ts';
import { taskOf } from './tasks/tasks.ts';

/**
 * Loads a model that this command trained.
 * @returns the model and its task
 * @throws {FileError} when there is no such file
 * @throws {ArgumentError} when the model was not trained by this command
 * @throws the errors of `loadModel`
 */
export async function openModel(file: string): Promise<{ model: Model; task: TaskName }> {
  const model = await loadModel(file).catch((error) => {
    if (error instanceof FileError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT')
      throw new FileError(`there is no model ${file}: train one by "backtime train", or name its file by --model`, { cause: error });
    throw error;
  });
  return { model, task: taskOf(model, file) };
}
