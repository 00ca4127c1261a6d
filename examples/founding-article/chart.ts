import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Curves, Result } from './result.ts';

echarts.use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

const PANELS: { title: string; curve: keyof Curves }[] = [
  { title: 'Training loss', curve: 'loss' },
  { title: 'Validation loss', curve: 'valLoss' },
  { title: 'Validation accuracy', curve: 'valAccuracy' },
];

/** The learning curves of all networks, side by side, as an SVG picture. */
export function drawLearningCurves(results: Result[]): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 1200, height: 440 });
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    legend: { bottom: 8, itemGap: 36 },
    title: PANELS.map(({ title }, panel) => ({
      text: title,
      left: `${4 + panel * 33}%`,
      top: 8,
      textStyle: { fontSize: 14 },
    })),
    grid: PANELS.map((_, panel) => ({ left: `${4 + panel * 33}%`, width: '27%', top: 48, bottom: 90 })),
    xAxis: PANELS.map((_, panel) => ({
      gridIndex: panel,
      type: 'value',
      name: 'epoch',
      nameLocation: 'middle',
      nameGap: 24,
      minInterval: 1,
      min: 1,
      splitLine: { show: false },
    })),
    yAxis: PANELS.map((_, panel) => ({ gridIndex: panel, type: 'value', scale: true })),
    series: PANELS.flatMap(({ curve }, panel) =>
      results.map((result) => ({
        name: result.name,
        type: 'line',
        xAxisIndex: panel,
        yAxisIndex: panel,
        symbolSize: 5,
        data: result.curves[curve].map((value, epoch) => [epoch + 1, value]),
      })),
    ),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
