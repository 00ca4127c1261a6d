import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import { restoreModel } from './state/trained.ts';
import { showWarnings } from './state/warnings.ts';
import { App } from './ui/app.tsx';

showWarnings();

const root = document.getElementById('app');
if (root) {
  root.replaceChildren();
  render(<App />, root);
}
void restoreModel();

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  // Without it the page works all the same, as long as there is a network.
  navigator.serviceWorker.register(new URL('serviceWorker.js', document.baseURI)).catch(console.warn);
}
