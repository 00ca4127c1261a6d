// Pieces of small SVG pictures. A picture has its own background, so it can be read on light and on
// dark pages; its colours follow the reader's choice where the page lets them.
export const WIDTH = 360;
export const HEIGHT = 200;
const PADDING = 16;

const STYLE = `
  svg { --back: #ffffff; --edge: #d0d7de; --ink: #1f2328; --weak: #59636e; --one: #0969da; --two: #bc4c00; --shade: #ffd8a8 }
  @media (prefers-color-scheme: dark) {
    svg { --back: #151b23; --edge: #3d444d; --ink: #f0f6fc; --weak: #9198a1; --one: #58a6ff; --two: #ffa657; --shade: #5a3600 }
  }
  text { font: 13px system-ui, sans-serif; fill: var(--ink) }
  .weak { font-size: 11px; fill: var(--weak) }
  .code { font-family: ui-monospace, monospace; font-size: 12px }
  polyline { fill: none; stroke-width: 1.5; stroke-linejoin: round }
`;

const escaped = (text) => String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const round = (number) => Number(number.toFixed(1));

/** @typedef {{ left?: number, right?: number, top?: number, bottom?: number }} Box in pixels */

/**
 * A whole picture.
 * @param {string} title what a screen reader says
 * @param {string[]} pieces
 */
export const picture = (title, pieces) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="8" fill="var(--back)" stroke="var(--edge)"/>
${pieces.join('\n')}
</svg>
`;

/**
 * @param {number} x
 * @param {number} y
 * @param {string} words
 * @param {string} [kind] A class of the style.
 */
export const text = (x, y, words, kind = '') =>
  `<text x="${round(x)}" y="${round(y)}"${kind === '' ? '' : ` class="${kind}"`}>${escaped(words)}</text>`;

/** Lines of text, one below the other. @param {string[]} lines @param {string} [kind] */
export const lines = (lines, kind = '') => {
  const height = Math.min(22, (HEIGHT - 2 * PADDING) / lines.length);
  return lines.map((line, row) => text(PADDING, PADDING + height * (row + 0.7), line, kind));
};

/**
 * A plot of series with a common range.
 * @param {ArrayLike<number>[]} all
 * @param {Box & { length?: number }} [options] `length`: the places from the left to the right
 *   edge. Default: those of the longest series.
 */
export function plot(all, { left = PADDING, right = WIDTH - PADDING, top = PADDING, bottom = HEIGHT - PADDING, length } = {}) {
  const values = all.flatMap((series) => Array.from(series)).filter(Number.isFinite);
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const places = (length ?? Math.max(...all.map((series) => series.length))) - 1;
  const x = (place) => round(left + ((right - left) * place) / places);
  const y = (value) => round(bottom - ((bottom - top) * (value - lowest)) / (highest - lowest));
  const points = (series, first) => Array.from(series, (value, place) => `${x(first + place)},${y(value)}`);
  return {
    /** @param {ArrayLike<number>} series @param {string} colour @param {number} [first] */
    line: (series, colour, first = 0) => `<polyline points="${points(series, first).join(' ')}" stroke="var(--${colour})"/>`,
    /** The area between two series. @param {number} [first] */
    band: (lower, upper, first = 0) =>
      `<polygon points="${[...points(lower, first), ...points(upper, first).reverse()].join(' ')}" fill="var(--shade)"/>`,
    /** The whole height between two places. @param {number} from @param {number} to */
    shade: (from, to) => `<rect x="${x(from)}" y="${top}" width="${round(x(to) - x(from))}" height="${bottom - top}" fill="var(--shade)"/>`,
  };
}

/**
 * A bar for each row, from 0 to 1, below its words.
 * @param {{ words: string, share: number }[]} rows
 */
export const bars = (rows) =>
  rows.flatMap(({ words, share }, row) => {
    const top = PADDING + (row * (HEIGHT - 2 * PADDING)) / rows.length;
    const whole = WIDTH - 2 * PADDING - 50;
    return [
      text(PADDING, top + 14, words),
      `<rect x="${PADDING}" y="${round(top + 20)}" width="${whole}" height="10" rx="3" fill="none" stroke="var(--edge)"/>`,
      `<rect x="${PADDING}" y="${round(top + 20)}" width="${round(whole * share)}" height="10" rx="3" fill="var(--${share > 0.5 ? 'one' : 'two'})"/>`,
      text(PADDING + whole + 10, top + 30, `${Math.round(100 * share)} %`, 'weak'),
    ];
  });

/**
 * Notes as a piano roll.
 * @param {{ start: number, length: number, pitch: number }[]} notes
 * @param {Box} [box]
 */
export function pianoRoll(notes, { left = PADDING, right = WIDTH - PADDING, top = PADDING, bottom = HEIGHT - PADDING } = {}) {
  const pitches = notes.map(({ pitch }) => pitch);
  const [lowest, highest] = [Math.min(...pitches), Math.max(...pitches)];
  const end = Math.max(...notes.map(({ start, length }) => start + length));
  const height = (bottom - top) / (highest - lowest + 1);
  return notes.map(({ start, length, pitch }) => {
    const [x, width] = [start, length].map((eighths) => ((right - left) * eighths) / end);
    const y = top + (highest - pitch) * height;
    return `<rect x="${round(left + x)}" y="${round(y)}" width="${round(width - 1)}" height="${round(height - 2)}" rx="2" fill="var(--one)"/>`;
  });
}
