// The readers that load when the first of them is used.
export { batchRows } from './batchRows.ts';
export { readCoNLL } from './readCoNLL.ts';
export { readCSV, readCSVRows } from './readCSV.ts';
export { readFiles } from './readFiles.ts';
export { readJSONLines } from './readJSONLines.ts';
export { readNpy } from './readNpy.ts';
export { readNpyRows } from './readNpyRows.ts';
export { readNpz } from './readNpz.ts';
export { readParquet, readParquetRows } from './readParquet.ts';
export { readText } from './readText.ts';
export { readTs } from './readTs.ts';
export { tableFromRows } from './tableFromRows.ts';
