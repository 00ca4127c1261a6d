import type { ClassTable } from '../core/registerClass.ts';
import { CTC } from '../objective/ctc.ts';
import * as formulaLosses from '../objective/formulaLosses.ts';
import * as rowLosses from '../objective/rowLosses.ts';

/**
 * The classes of losses that load when a file or a worker needs them, by their `builtInName`. A
 * class in a new file needs its file here.
 */
export const MORE_CLASSES: ClassTable = { ...formulaLosses, ...rowLosses, CTC };
