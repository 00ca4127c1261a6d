/** What a page cannot do: files of the machine, processes, and packages beside this one. */
const NEEDS_NODE =
  /node:|process\.|\.save\(|\.saveWeights\(|loadModel\('|loadWeights\('|read(CSV|CSVRows|Files|Text|Npy|Npz|Ts|Parquet|ParquetRows|JSONLines)\('|from '(?!backtime)|setWorkerUrl|setWorker\(|using |CSVLogger|ModelCheckpoint|BackupAndRestore|TensorBoard/;

/**
 * Whether an example can run in a page.
 * @param {string} code
 * @param {string} info What stands behind the fence.
 */
export const isLive = (code, info) => /^(js|ts)$/.test(info) && /from 'backtime'/.test(code) && !NEEDS_NODE.test(code);

/**
 * Gives each example that can run in a page a frame that runs it.
 * @param {import('markdown-it').default} md
 */
export function liveExamples(md) {
  const fence = md.renderer.rules.fence;
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const { content, info } = tokens[index];
    const shown = fence(tokens, index, options, env, self);
    if (!isLive(content, info.trim())) return shown;
    return `<LiveExample code="${encodeURIComponent(content)}">${shown}</LiveExample>`;
  };
}
