// The picture of bench/scaling.mjs.
import { LineChart } from 'echarts/charts';
import { GridComponent, TitleComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

echarts.use([LineChart, GridComponent, TitleComponent, SVGRenderer]);

/**
 * A proportional cost through the series' largest point.
 * @param {import('./scaling.mjs').Series} series
 */
function proportional({ points }) {
  const last = points.at(-1);
  return [points[0], last].map(({ value }) => [value, (last.ms * value) / last.value]);
}

/** @param {import('./scaling.mjs').Series[]} series @returns {string} An SVG picture. */
export function drawScaling(series) {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 1200, height: 400 });
  const left = (panel) => `${5 + panel * 33}%`;
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    title: series.map(({ name, slope }, panel) => ({
      text: `${name} (slope ${slope.toFixed(2)})`,
      left: left(panel),
      top: 8,
      textStyle: { fontSize: 14 },
    })),
    grid: series.map((_, panel) => ({ left: left(panel), width: '26%', top: 72, bottom: 56 })),
    xAxis: series.map(({ name }, panel) => ({ gridIndex: panel, type: 'log', name, nameLocation: 'middle', nameGap: 28 })),
    yAxis: series.map((_, panel) => ({
      gridIndex: panel,
      type: 'log',
      name: panel === 0 ? 'ms a training step' : '',
      nameTextStyle: { align: 'left' },
    })),
    series: series.flatMap((one, panel) => [
      {
        type: 'line',
        xAxisIndex: panel,
        yAxisIndex: panel,
        showSymbol: false,
        lineStyle: { type: 'dashed', color: '#999' },
        data: proportional(one),
      },
      {
        type: 'line',
        xAxisIndex: panel,
        yAxisIndex: panel,
        symbolSize: 7,
        data: one.points.map(({ value, ms }) => [value, ms]),
      },
    ]),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
