import { describe } from '../core/describe.ts';
import { ArgumentError, StateError } from '../core/errors.ts';
import type { FloatArray } from '../core/numericArray.ts';
import { booleanOption, checkOptions } from '../core/options.ts';
import { formatShape } from '../core/shape.ts';
import type { Tensor } from '../core/tensor.ts';
import { warn } from '../core/warnings.ts';
import { checkInputs, type InputsLike, readInputs } from '../feed/checkData.ts';
import { DataReader } from '../feed/dataReader.ts';
import { Optimizer } from '../optimizers/optimizer.ts';
import type { Engine } from '../run/engine.ts';
import { buildPass } from '../run/passProgram.ts';
import { buildUpdate } from '../run/updateProgram.ts';
import { inOrder, writeBatch } from '../run/writeBatch.ts';
import { Call } from './call.ts';
import { type ForwardOptions, ForwardPass, type PassOwner } from './forwardPass.ts';
import { GradientSum } from './gradientSum.ts';
import { OptimizerStates } from './optimizerStates.ts';
import { PassLease } from './passLease.ts';
import type { Passes, Session } from './session.ts';
import { keptStates, requireBatches } from './statefulBatches.ts';
import { requireUntrained } from './trainingLock.ts';

/** The golden ratio as 32 bits: its multiples are spread over all numbers. */
const GOLDEN = 0x9e3779b1;

/**
 * Warns of a method that Keras calls for each batch, and `fit` does not.
 * @param model a subclass
 */
export function warnOfUncalledStep(session: Session, model: object): void {
  const method = 'trainStep' in model ? 'trainStep' : 'train_step';
  warn(
    'UNCALLED_STEP',
    `fit: model ${session.name} has a method ${method}, which fit does not call, unlike Keras: it trains with the loss of compile. Call ${method} in a loop over batches of your own, with forward, backward and applyGradients (docs/training.md, "Custom training steps").`,
    session,
  );
}

/** Training steps of the user's own: the open passes of a model and their gradients. */
export class OwnSteps implements Passes, PassOwner {
  readonly gradients = new GradientSum();
  readonly #session: Session;
  /** The slots of optimizers other than the compiled one for this model. */
  readonly #optimizers = new OptimizerStates();
  readonly #open = new Set<PassLease>();
  /** Number of updates of optimizers other than the compiled one. */
  #updates = 0;
  #drawn: { iteration: number; passes: number } = { iteration: 0, passes: 0 };

  /** The steps of a model, made when there are none. */
  static of(session: Session): OwnSteps {
    const steps = session.passes instanceof OwnSteps ? session.passes : new OwnSteps(session);
    session.passes = steps;
    return steps;
  }

  private constructor(session: Session) {
    this.#session = session;
  }

  get name(): string {
    return this.#session.name;
  }

  get weightsVersion(): string {
    const { version, progress } = this.#session;
    return `${version} ${progress.iteration} ${this.#updates}`;
  }

  /** `forward` of the model. @param shape makes what the user gets of the outputs */
  async forward<Outputs>(
    x: InputsLike,
    options: ForwardOptions | undefined,
    shape: (outputs: Tensor<FloatArray>[]) => Outputs,
  ): Promise<ForwardPass<Outputs>> {
    const session = this.#session;
    session.requireAlive();
    checkOptions(options, ['training'], 'forward');
    const training = booleanOption(options?.training, false, 'forward: training');
    if (training) session.requireFloats('forward with training: true');
    const call = new Call(session);
    try {
      const unread = checkInputs(session.structure, x, 'x');
      const { graph, count, sampleShapes } = unread;
      requireBatches(graph, count, count, session.fitting ? null : session.states.rows, 'forward');
      const dataset = await readInputs(unread, new DataReader());
      session.buildFor(graph);
      const engine = await call.engine();
      prepareGradients(session, engine);
      const key = `${training} ${count} ${sampleShapes.map(formatShape).join()}`;
      const { pool } = engine.memory;
      const passProgram = pool.take(key, () => engine.buildWithRoom(() => buildPass(engine, count, sampleShapes, training)));
      const lease = new PassLease(engine, passProgram, session.memory, this.#open);
      try {
        const { program, states } = passProgram;
        writeBatch(passProgram, dataset, inOrder(count), 0);
        program.setCounter(training ? this.#drawNumber() : 0, 0, count);
        const kept = keptStates(session, engine);
        kept.load(program, states);
        // Layers may write moving averages.
        if (training) engine.changes.note();
        program.computeForward();
        kept.store(program, states, count);
        return new ForwardPass(this, lease, dataset, shape);
      } catch (error) {
        lease.release('dispose');
        throw error;
      }
    } finally {
      await call.end();
    }
  }

  applyGradients(given?: Optimizer): void {
    const session = this.#session;
    session.requireAlive();
    if (given !== undefined && !(given instanceof Optimizer))
      throw new ArgumentError(`applyGradients takes an optimizer, such as new Adam(), got ${describe(given)}`);
    given?.checkUpdate();
    const { compiled, name, memory } = session;
    const { gradients } = this;
    const optimizer = given ?? compiled?.optimizer;
    if (!optimizer)
      throw new StateError(`applyGradients: model ${name} is not compiled: give an optimizer, or call compile({ optimizer, loss }) first`);
    session.requireNoFit('applyGradients');
    if (gradients.isEmpty)
      throw new StateError(`applyGradients: model ${name} has no gradients: run the backward pass of a model.forward first`);
    requireUntrained(session.allLayers, session, 'applyGradients');
    const isCompiled = optimizer === compiled?.optimizer;
    const state = isCompiled ? null : this.#optimizers.of(optimizer);
    const engine = session.openEngine();
    memory.pin();
    try {
      prepareGradients(session, engine);
      const { parameters, backend } = engine;
      const { pool } = engine.memory;
      const update = pool.take(optimizer, () => engine.buildWithRoom(() => buildUpdate(engine, optimizer, !isCompiled)));
      const { program, settings } = update;
      try {
        const batches = state?.iteration ?? session.progress.iteration;
        optimizer.writeBatch(program.floats(settings), batches);
        gradients.write(parameters);
        state?.load(update, parameters);
        engine.changes.note();
        program.applyUpdate(optimizer.updatesAt(batches));
        program.applyConstraints();
        state?.store(update, parameters);
      } finally {
        // Programs of training write only the gradients that they use; the others stay zeros.
        backend.floats(parameters.trainableGradients).fill(0);
        pool.release(update);
      }
    } finally {
      memory.unpin();
    }
    gradients.clear();
    if (state) {
      state.iteration++;
      this.#updates++;
    } else session.progress.iteration++;
  }

  clearGradients(): void {
    this.gradients.clear();
  }

  end(): void {
    for (const pass of this.#open) pass.release('compile');
    this.gradients.forget();
  }

  /**
   * The number of the random masks of a pass. The first after a step has that of the next step of
   * training, and the others have numbers of their own, because passes before one update must not
   * drop the same elements.
   */
  #drawNumber(): number {
    const { iteration } = this.#session.progress;
    if (this.#drawn.iteration !== iteration) this.#drawn = { iteration, passes: 0 };
    return (iteration + Math.imul(this.#drawn.passes++, GOLDEN)) & 0x7fffffff;
  }
}

/** Makes the memory of the gradients, if there is none. */
function prepareGradients({ compiled }: Session, { parameters }: Engine): void {
  parameters.prepareTraining(compiled?.optimizer.keptSlots.length ?? 0);
}
