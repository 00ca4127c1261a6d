import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { shortNumber } from '../data/count.ts';
import { axisWidth, markWidth } from './markWidth.ts';
import { useDark } from './useDark.ts';

/**
 * One line of a chart. Lines differ by color and by dashes, so that no one needs to see the color.
 */
export interface ChartLine {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** Which of the page's line colors, 1 to 6. */
  readonly color: number;
  /** Lengths of dashes and gaps in pixels. */
  readonly dash?: readonly number[];
  readonly points?: boolean;
}

interface ChartProps {
  /** What the chart shows, in words, for those who cannot see it. */
  readonly description: string;
  /** Epochs or steps: whole numbers, but for the epoch that is under way. */
  readonly x: readonly number[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly ChartLine[];
  /** Smallest and largest y, where they do not follow from the data. */
  readonly yRange?: readonly [number, number];
  readonly xRange?: readonly [number, number];
  /** How an x is written. Default: as a number. */
  readonly xText?: (x: number) => string;
}

const HEIGHT = 240;
/** What is between two marks: there is no half an epoch or step. */
const BETWEEN_MARKS = [1, 2, 5].flatMap((digit) => Array.from({ length: 12 }, (_, power) => digit * 10 ** power)).sort((a, b) => a - b);

/** A line chart by uPlot, as wide as its place. */
export function Chart({ description, x, xLabel, yLabel, lines, yRange, xRange, xText = shortNumber }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const dark = useDark();
  const latest = useRef(xText);
  latest.current = xText;
  // uPlot keeps its options for life: another set of lines, labels or colors takes another plot.
  const identity = JSON.stringify([xLabel, yLabel, yRange, xRange, dark, lines.map(({ label, color, dash }) => [label, color, dash])]);
  const data = [[...x], ...lines.map(({ values }) => [...values])] as uPlot.AlignedData;

  useEffect(() => {
    const target = place.current;
    if (!target) return;
    plot.current = new uPlot(optionsOf({ xLabel, yLabel, lines, yRange, xRange, xText: (x) => latest.current(x) }, target), data, target);
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: target.clientWidth, height: HEIGHT }));
    observer.observe(target);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [identity]);

  useEffect(() => {
    plot.current?.setData(data);
  });

  return <div class="chart" ref={place} role="img" aria-label={description} />;
}

function optionsOf(
  {
    xLabel,
    yLabel,
    lines,
    yRange,
    xRange,
    xText,
  }: Pick<ChartProps, 'xLabel' | 'yLabel' | 'lines' | 'yRange' | 'xRange'> & {
    readonly xText: (x: number) => string;
  },
  target: HTMLElement,
): uPlot.Options {
  const style = getComputedStyle(target);
  // uPlot asks for the padding before it has the data.
  const widthIn = ({ data }: { readonly data?: uPlot.AlignedData }) => markWidth([...(data?.[0] ?? []), ...(xRange ?? [])], xText);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const axis = { stroke: color('--text'), grid: { stroke: color('--grid'), width: 1 }, ticks: { stroke: color('--grid'), width: 1 } };
  return {
    width: target.clientWidth,
    height: HEIGHT,
    // Half of the last mark's text reaches beyond the plot.
    padding: [null, (plot) => Math.ceil(widthIn(plot) / 2), null, null],
    // The first series is the axis.
    legend: { live: true, markers: { dash: (_, index) => markerOf(lines[index - 1]) } },
    cursor: { y: false, points: { size: 8 } },
    scales: {
      x: { time: false, ...(xRange && { range: [...xRange] as [number, number] }) },
      y: yRange ? { range: [...yRange] as [number, number] } : {},
    },
    axes: [
      {
        ...axis,
        label: xLabel,
        labelSize: 20,
        size: 36,
        space: widthIn,
        incrs: BETWEEN_MARKS,
        values: (_, ticks) => ticks.map(xText),
      },
      { ...axis, label: yLabel, labelSize: 20, size: (_, marks) => axisWidth(marks) },
    ],
    series: [
      { label: xLabel, value: (_, value) => (value === null ? '' : xText(value)) },
      ...lines.map(({ label, color: number, dash, points }) => ({
        label,
        value: (_: uPlot, value: number | null) => (value === null ? '' : shortNumber(value)),
        stroke: color(`--line-${number}`),
        width: 2,
        spanGaps: true,
        ...(dash && { dash: [...dash] }),
        points: { show: points ?? false, size: 7, fill: color(`--line-${number}`) },
      })),
    ],
  };
}

/** How the legend draws a line: as near to its dashes as borders come. */
function markerOf(line: ChartLine | undefined): 'solid' | 'dashed' | 'dotted' {
  if (!line?.dash) return 'solid';
  return line.dash[0] <= 2 ? 'dotted' : 'dashed';
}
