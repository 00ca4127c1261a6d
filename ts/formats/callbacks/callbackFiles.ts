// The code that callbacks that write files load when training begins: one part, so that it is one
// file.
export { encodeRun, openStorage, restoreRun } from './backup.ts';
export { checkTarget, saveCheckpoint } from './checkpointFile.ts';
export { EventFile, eventWriter } from './eventFile.ts';
export { readFileIfAny, requireFiles, writeFileInFolder } from './fileStore.ts';
