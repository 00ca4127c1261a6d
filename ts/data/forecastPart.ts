import { LazyPart } from '../core/lazyPart.ts';

/** The code of forecasts. It loads with the first one. */
export const FORECASTS = /* @__PURE__ */ new LazyPart('forecasts', 'backtime/formats', () => import('./forecasting.ts'));
