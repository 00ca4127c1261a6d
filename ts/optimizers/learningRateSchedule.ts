import { savedNameOf } from '../core/registerClass.ts';

/** The configuration of a schedule: values that JSON preserves. */
export type ScheduleConfig = Readonly<Record<string, unknown>>;

/** A schedule, as a file stores it. */
export interface ScheduleState {
  /** The name of its class. */
  readonly className: string;
  readonly config: ScheduleConfig;
}

/**
 * A learning rate that depends on the number of steps so far, and that files store. A custom
 * schedule extends it:
 *
 *     class Halving extends LearningRateSchedule {
 *       static className = 'Halving';
 *       call(step: number) {
 *         return 0.1 * 0.5 ** Math.floor(step / 1000);
 *       }
 *     }
 *     registerClass(Halving);
 *     model.compile({ optimizer: new Adam({ learningRate: new Halving() }), loss: 'mse' });
 *
 * https://keras.io/api/optimizers/learning_rate_schedules/
 */
export abstract class LearningRateSchedule {
  /** The learning rate of a step. @param step the number of steps before it */
  abstract call(step: number): number;

  /** The constructor's options, for files. */
  getConfig(): ScheduleConfig {
    return {};
  }
}

/**
 * The description of a schedule in a file.
 * @throws {ArgumentError} for one of a class without a registered name
 */
export function scheduleState(schedule: LearningRateSchedule): ScheduleState {
  return { className: savedNameOf(schedule, 'learningRate'), config: schedule.getConfig() };
}
