/**
 * The worker that holds the data could not be started, or has ended and the data with it. The
 * message is for the user.
 */
export class DataWorkerError extends Error {
  override readonly name = 'DataWorkerError';
  readonly code: 'NOT_STARTED' | 'ENDED';

  constructor(code: 'NOT_STARTED' | 'ENDED', message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
