// Browsers have no event for a worker that was ended from outside, but they free the locks that it
// held.

/**
 * Whether there are locks: pages have them only where they are safe from eavesdroppers, so with
 * HTTPS or on this machine.
 */
export function hasLocks(): boolean {
  return navigator.locks !== undefined;
}

/** Takes a lock for as long as this thread lives. @returns when it is taken */
export function holdForLife(lock: string): Promise<void> {
  return new Promise((taken) => {
    void navigator.locks.request(lock, () => {
      taken();
      return new Promise(() => {});
    });
  });
}

/** Waits until whoever holds a lock for life has ended. @throws the signal's reason */
export function endOfHolder(lock: string, signal: AbortSignal): Promise<void> {
  return navigator.locks.request(lock, { signal }, () => {});
}
