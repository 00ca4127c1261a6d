// The readers that load when the first of them is used.
export { readCSV, readCSVRows } from './readCSV.ts';
export { readNpz } from './readNpz.ts';
export { readParquet } from './readParquet.ts';
export { readTs } from './readTs.ts';
