// Brings the table of Keras's names in FEATURES.md up to date. It reads ts/, which Vitest compiles.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './process.mjs';

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const env = { ...process.env, BACKTIME_WRITE_FEATURES: '1' };
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/golden/features'], { cwd: root, env, stdio: 'inherit' });
process.exitCode = status ?? 1;
