// Classes and functions as users write them, of the package that is given: tests take the sources,
// and workers dist/.
export function ownClasses({
  BatchLoss,
  CustomCell,
  CustomInitializer,
  CustomLayer,
  Dense,
  Dropout,
  ElementwiseLoss,
  ElementwiseOptimizer,
  Metric,
  ops,
  registerClass,
}) {
  /** `x³ + x` */
  const cubic = registerClass((x) => ops.add(ops.multiply(x, ops.square(x)), x), { package: 'test', name: 'cubic' });

  class Squared extends ElementwiseLoss {
    static className = 'Squared';

    call(yTrue, yPred) {
      return ops.square(ops.subtract(yPred, yTrue));
    }
  }

  /** Huber's loss, with an option. */
  class Huber extends ElementwiseLoss {
    static className = 'Huber';

    constructor({ delta = 1 } = {}) {
      super();
      this.delta = delta;
    }

    call(yTrue, yPred) {
      const error = ops.abs(ops.subtract(yPred, yTrue));
      const linear = ops.multiply(this.delta, ops.subtract(error, this.delta / 2));
      return ops.where(ops.less(error, this.delta), ops.multiply(0.5, ops.square(error)), linear);
    }

    getConfig() {
      return { delta: this.delta };
    }
  }

  /** The mean squared error again, by rows. */
  class SquaredRows extends BatchLoss {
    static className = 'SquaredRows';

    call({ rows, units, yTrue, yPred, values, factors, gradients }) {
      for (let n = 0; n < rows; n++)
        for (let j = n * units; j < (n + 1) * units; j++) {
          const error = yPred[j] - yTrue[j];
          values[n] += error ** 2 / units;
          if (gradients) gradients[j] = (2 * error * factors[n]) / units;
        }
    }
  }

  /** One target for three quantiles. */
  class Pinball extends BatchLoss {
    static className = 'Pinball';
    targetUnits = 1;

    call({ rows, units, yTrue, yPred, values, factors, gradients }) {
      for (let n = 0; n < rows; n++)
        for (let j = 0; j < units; j++) {
          const error = yTrue[n] - yPred[n * units + j];
          const quantile = (j + 1) / (units + 1);
          const slope = error > 0 ? quantile : quantile - 1;
          values[n] += slope * error;
          if (gradients) gradients[n * units + j] = -slope * factors[n];
        }
    }
  }

  /**
   * Compares the rows of a batch: those of one label shall be near each other, those of two labels
   * far.
   */
  class Contrast extends BatchLoss {
    static className = 'Contrast';
    targetKind = 'labels';
    anyLabels = true;
    comparesSamples = true;

    call({ rows, units, yTrue, yPred, values, factors, gradients }) {
      for (let n = 0; n < rows; n++)
        for (let m = 0; m < rows; m++) {
          const sign = yTrue[n] === yTrue[m] ? 1 : -1;
          for (let j = 0; j < units; j++) {
            const difference = yPred[n * units + j] - yPred[m * units + j];
            values[n] += sign * Math.tanh(difference ** 2);
            if (!gradients) continue;
            const slope = factors[n] * sign * (1 - Math.tanh(difference ** 2) ** 2) * 2 * difference;
            gradients[n * units + j] += slope;
            gradients[m * units + j] -= slope;
          }
        }
    }
  }

  /** Reduces over the steps of a sequence: the squared difference of the sums over valid steps. */
  class SumOverSteps extends BatchLoss {
    static className = 'SumOverSteps';
    perSample = true;

    call({ rows, samples, units, yTrue, yPred, mask, values, factors, gradients }) {
      for (let b = 0; b < samples; b++)
        for (let j = 0; j < units; j++) {
          let sum = 0;
          for (let n = b; n < rows; n += samples) if (mask?.[n] !== 0) sum += yPred[n * units + j] - yTrue[n * units + j];
          values[b] += sum ** 2;
          for (let n = b; gradients && n < rows; n += samples) if (mask?.[n] !== 0) gradients[n * units + j] = 2 * sum * factors[b];
        }
    }
  }

  /** The mean absolute error. */
  class AbsoluteMetric extends Metric {
    static className = 'AbsoluteMetric';
    mode = 'min';

    constructor({ name } = {}) {
      super(2, name);
    }

    update({ rows, units, yTrue, yPred, weights }) {
      for (let n = 0; n < rows; n++) {
        for (let j = n * units; j < (n + 1) * units; j++) this.state[0] += (weights[n] * Math.abs(yPred[j] - yTrue[j])) / units;
        this.state[1] += weights[n];
      }
    }

    result() {
      return this.state[1] === 0 ? 0 : this.state[0] / this.state[1];
    }
  }

  /** The F1 measure of each class, in the mean: it counts classes, and is no mean over batches. */
  class MacroF1 extends Metric {
    static className = 'MacroF1';
    mode = 'max';

    constructor({ classes = 3, name } = {}) {
      super(3 * classes, name);
      this.classes = classes;
    }

    update({ rows, units, yTrue, yPred, weights }) {
      for (let n = 0; n < rows; n++) {
        const row = Array.from(yPred.subarray(n * units, (n + 1) * units));
        const predicted = row.indexOf(Math.max(...row));
        const expected = yTrue[n];
        if (predicted === expected) this.state[3 * expected] += weights[n];
        this.state[3 * predicted + 1] += weights[n];
        this.state[3 * expected + 2] += weights[n];
      }
    }

    result() {
      let sum = 0;
      for (let c = 0; c < this.classes; c++) {
        const [found, predicted, present] = this.state.subarray(3 * c, 3 * c + 3);
        sum += predicted + present === 0 ? 0 : (2 * found) / (predicted + present);
      }
      return sum / this.classes;
    }

    getConfig() {
      return { ...super.getConfig(), classes: this.classes };
    }
  }

  /** The largest error: states are not added. */
  class LargestError extends Metric {
    static className = 'LargestError';

    constructor() {
      super(1);
    }

    update({ rows, units, yTrue, yPred, weights }) {
      for (let n = 0; n < rows; n++)
        for (let j = n * units; weights[n] !== 0 && j < (n + 1) * units; j++)
          this.state[0] = Math.max(this.state[0], Math.abs(yPred[j] - yTrue[j]));
    }

    reset() {
      this.state.fill(Number.NEGATIVE_INFINITY);
    }

    merge(other) {
      this.state[0] = Math.max(this.state[0], other[0]);
    }

    result() {
      return this.state[0];
    }
  }

  /** Adam, with the bias corrections as a number of the step. */
  class OwnAdam extends ElementwiseOptimizer {
    static className = 'OwnAdam';
    slotNames = ['momentum', 'velocity'];
    #beta1;

    constructor({ beta1 = 0.9, ...options } = {}) {
      super(options);
      this.#beta1 = beta1;
    }

    numbersOf({ learningRate, step }) {
      return [(learningRate * Math.sqrt(1 - 0.999 ** step)) / (1 - this.#beta1 ** step)];
    }

    update({ parameter, gradient, slots: { momentum, velocity }, numbers: [rate] }) {
      const { add, divide, multiply, sqrt, square, subtract } = ops;
      const mean = add(momentum, multiply(1 - this.#beta1, subtract(gradient, momentum)));
      const meanSquare = add(velocity, multiply(1 - 0.999, subtract(square(gradient), velocity)));
      return {
        parameter: subtract(parameter, divide(multiply(rate, mean), add(sqrt(meanSquare), 1e-7))),
        slots: { momentum: mean, velocity: meanSquare },
      };
    }

    getConfig(iteration) {
      return { ...super.getConfig(iteration), beta1: this.#beta1 };
    }
  }

  /** Plain descent whose rate falls with the step, as an expression. */
  class Falling extends ElementwiseOptimizer {
    static className = 'Falling';

    update({ parameter, gradient, learningRate, step }) {
      return { parameter: ops.subtract(parameter, ops.multiply(ops.divide(learningRate, step), gradient)) };
    }
  }

  /** Numbers that rise evenly from `-scale` to `scale`. */
  class Ramp extends CustomInitializer {
    static className = 'Ramp';

    constructor({ scale = 1 } = {}) {
      super();
      this.scale = scale;
    }

    call(shape) {
      const size = shape.reduce((product, each) => product * each, 1);
      return { shape, data: Float64Array.from({ length: size }, (_, place) => this.scale * ((2 * place + 1) / size - 1)) };
    }

    getConfig() {
      return { scale: this.scale };
    }
  }

  /** The steps less their mean, times a weight for each feature. */
  class Centered extends CustomLayer {
    static className = 'Centered';

    build(inputShape) {
      this.scale = this.addWeight({ name: 'scale', shape: [inputShape.at(-1)], initializer: 'ones' });
    }

    call(input) {
      return ops.multiply(ops.subtract(input, ops.mean(input, { axis: 1, keepDims: true })), this.scale);
    }
  }

  /** Gers & Schmidhuber 2000. */
  class PeepholeLSTMCell extends CustomCell {
    static className = 'PeepholeLSTMCell';

    constructor(options) {
      super(options, ['units']);
      this.units = options.units;
      this.stateSize = [this.units, this.units];
      this.fromInput = [0, 1, 2, 3].map(() => new Dense(this.units));
      this.fromState = [0, 1, 2, 3].map(() => new Dense(this.units, { useBias: false }));
    }

    build() {
      this.peepholes = ['i', 'f', 'o'].map((gate) => this.addWeight({ name: `peephole_${gate}`, shape: [this.units] }));
    }

    call(x, [h, c]) {
      const sum = (gate) => ops.add(this.fromInput[gate].apply(x), this.fromState[gate].apply(h));
      const gate = (index, peephole, state) => ops.sigmoid(ops.add(sum(index), ops.multiply(state, this.peepholes[peephole])));
      const after = ops.add(ops.multiply(gate(1, 1, c), c), ops.multiply(gate(0, 0, c), ops.tanh(sum(2))));
      const output = ops.multiply(gate(3, 2, after), ops.tanh(after));
      return [output, [output, after]];
    }

    getConfig() {
      return { ...super.getConfig(), units: this.units };
    }
  }

  const GATES = ['input', 'forget', 'candidate', 'output'];

  /** Ba, Kiros & Hinton 2016, each gate by itself. */
  class NormalizedLSTMCell extends CustomCell {
    static className = 'NormalizedLSTMCell';

    constructor(options) {
      super(options, ['units']);
      this.units = options.units;
      this.stateSize = [this.units, this.units];
    }

    build([features]) {
      const { units } = this;
      this.kernels = GATES.map((gate) => this.addWeight({ name: `${gate}_kernel`, shape: [features, units] }));
      this.recurrent = GATES.map((gate) => this.addWeight({ name: `${gate}_recurrent`, shape: [units, units], initializer: 'orthogonal' }));
      this.norms = [...GATES, 'state'].map((name) => [
        this.addWeight({ name: `${name}_gamma`, shape: [units], initializer: 'ones' }),
        this.addWeight({ name: `${name}_beta`, shape: [units] }),
      ]);
    }

    normal(index, x) {
      const [gamma, beta] = this.norms[index];
      const centered = ops.subtract(x, ops.mean(x, { axis: -1, keepDims: true }));
      const variance = ops.mean(ops.square(centered), { axis: -1, keepDims: true });
      return ops.add(ops.multiply(ops.divide(centered, ops.sqrt(ops.add(variance, 1e-3))), gamma), beta);
    }

    call(x, [h, c]) {
      const [i, f, g, o] = GATES.map((_, index) =>
        this.normal(index, ops.add(ops.matmul(x, this.kernels[index]), ops.matmul(h, this.recurrent[index]))),
      );
      const after = ops.add(ops.multiply(ops.sigmoid(f), c), ops.multiply(ops.sigmoid(i), ops.tanh(g)));
      const output = ops.multiply(ops.sigmoid(o), ops.tanh(this.normal(4, after)));
      return [output, [output, after]];
    }

    getConfig() {
      return { ...super.getConfig(), units: this.units };
    }
  }

  /** An output that is no state, and states that are earlier ones. */
  class SumCell extends CustomCell {
    static className = 'SumCell';
    stateSize = [2, 2, 2];
    outputSize = 4;

    call(x, [last, older, oldest]) {
      const after = ops.add(ops.multiply(last, 0.5), this.first(x));
      return [ops.concatenate([after, oldest]), [after, last, older]];
    }

    build([features]) {
      this.choice = this.addWeight({ name: 'choice', shape: [features, 2], initializer: 'zeros', trainable: false });
    }

    first(x) {
      return ops.matmul(x, this.choice);
    }
  }

  /** Drops units of its output in training. */
  class DroppingCell extends CustomCell {
    static className = 'DroppingCell';

    constructor(options) {
      super(options, ['units', 'rate']);
      this.units = options.units;
      this.rate = options.rate;
      this.stateSize = this.units;
      this.fromInput = new Dense(this.units);
      this.recurrent = new Dense(this.units, { useBias: false });
      this.dropout = new Dropout(this.rate);
    }

    call(x, [h]) {
      const next = ops.tanh(ops.add(this.fromInput.apply(x), this.recurrent.apply(h)));
      return [this.dropout.apply(next), [next]];
    }

    getConfig() {
      return { ...super.getConfig(), units: this.units, rate: this.rate };
    }
  }

  /** The running mean of every feature, by loops in TypeScript: `h' = h + (x - h) / 2`. */
  class LoopedCell extends CustomCell {
    static className = 'LoopedCell';

    constructor(options) {
      super(options, ['units']);
      this.stateSize = options.units;
    }

    emit(scope, [x, h]) {
      const y = scope.floats('y', scope.floatsOf(h).length);
      scope.native({
        reads: [scope.floatsOf(x), scope.floatsOf(h)],
        writes: [y],
        run: ([from, before, to]) => {
          for (let i = 0; i < to.length; i++) to[i] = (from[i] + before[i]) / 2;
        },
      });
      const output = { ...h, form: { kind: 'floats', buffer: y }, needsGradient: x.needsGradient || h.needsGradient };
      scope.backward([output], (gradients) => {
        const dY = gradients.of(output);
        for (const input of [x, h]) {
          const target = dY && gradients.to(input);
          if (!target) continue;
          scope.native({
            reads: [dY],
            writes: [target],
            run: ([from, to]) => {
              for (let i = 0; i < to.length; i++) to[i] = from[i] / 2;
            },
          });
        }
      });
      return [output, output];
    }

    getConfig() {
      return { ...super.getConfig(), units: this.stateSize };
    }
  }

  const classes = {
    Centered,
    DroppingCell,
    LoopedCell,
    NormalizedLSTMCell,
    PeepholeLSTMCell,
    Ramp,
    SumCell,
    OwnAdam,
    Falling,
    Squared,
    Huber,
    SquaredRows,
    Pinball,
    Contrast,
    SumOverSteps,
    AbsoluteMetric,
    MacroF1,
    LargestError,
  };
  for (const each of Object.values(classes)) registerClass(each, { package: 'test' });
  return { ...classes, cubic };
}
