import { type FitPlan, fitDataset } from '../training/fit.ts';
import type { WorkedModel } from '../training/workerDoor.ts';
import { WorkersTrainer } from './workersTrainer.ts';

/** Trains in workers what `fitDataset` trains on this thread: callbacks are called here. */
export async function fitInWorkers(model: WorkedModel, plan: FitPlan, count: number): Promise<void> {
  const trainer = new WorkersTrainer(model, plan, count);
  try {
    await fitDataset(trainer, model.progress, plan);
  } finally {
    await trainer.close();
  }
}
