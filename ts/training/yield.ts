/** Milliseconds that a loop may hold its thread before timers, input and signals get a turn. */
const TURN = 30;

/** Lets other work of the thread run now and then: `await turn()` in a loop costs a clock reading most of the time. */
export function makeYield(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < TURN) return undefined;
    return new Promise((resolve) => {
      const proceed = () => {
        last = performance.now();
        resolve();
      };
      if (typeof setImmediate === 'function') setImmediate(proceed);
      else {
        // Unlike setTimeout, a message is not delayed by 4 ms.
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
          channel.port1.close();
          proceed();
        };
        channel.port2.postMessage(null);
      }
    });
  };
}
