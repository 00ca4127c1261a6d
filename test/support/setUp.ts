import { inject } from 'vitest';
// Not from the index: what a test mocks must not be loaded before it.
import { setBackend } from '../../ts/backend/select.ts';
import { setWarningHandler } from '../../ts/core/warnings.ts';
import { provideEngines } from '../../ts/model/provideEngines.ts';
import { setWorkerUrl } from '../../ts/model/workerOptions.ts';
import { workerFile } from './workerFile.ts';

setWorkerUrl(workerFile(inject('distIsCurrent')));
// As the package's entry in Node does.
provideEngines();
// What a file before in the same process may have left.
setBackend('wasm');
setWarningHandler(null);
