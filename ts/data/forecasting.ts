// The code of forecasts that loads with the first of them.
export { backtest } from './backtest.ts';
export { forecast } from './forecast.ts';
export { timesAfter } from './timesAfter.ts';
