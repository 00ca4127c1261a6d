// An activation and a loss of the consumer's own, for the program and for its worker.
export function defineOwn({ ElementwiseLoss, ops, registerClass }) {
  class Squared extends ElementwiseLoss {
    static className = 'Squared';

    call(yTrue, yPred) {
      return ops.square(ops.subtract(yPred, yTrue));
    }
  }
  registerClass(Squared, { package: 'consumer' });
  const gate = registerClass((x) => ops.multiply(x, ops.sigmoid(x)), { package: 'consumer', name: 'gate' });
  return { Squared, gate };
}

/**
 * Trains on the thread and in a worker of the consumer's own: the bits are the same.
 *
 * @param {typeof import('backtime')} backtime
 * @param {() => import('backtime').WorkerLike} startWorker
 * @throws When they are not.
 */
export async function trainOwn(backtime, startWorker) {
  const { Squared, gate } = defineOwn(backtime);
  const predicted = [];
  backtime.setWorker(startWorker);
  for (const workers of [0, 1]) {
    backtime.setRandomSeed(1);
    const model = new backtime.Sequential([new backtime.Dense(4, { activation: gate }), new backtime.Dense(1)]);
    model.compile({ optimizer: 'adam', loss: new Squared() });
    await model.fit([[0], [1]], [1, 0], { epochs: 5, verbose: 0, workers });
    predicted.push((await model.predict([[0], [1]], { workers })).data.join());
  }
  backtime.setWorker(null);
  if (predicted[0] !== predicted[1]) throw new Error(`predicted ${predicted[0]}, and with a worker of its own ${predicted[1]}`);
  return 'own code in a worker';
}
