import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { slug } from 'github-slugger';
import { emptyHeaders } from './emptyHeaders.mjs';
import { linksToSources } from './linksToSources.mjs';
import { linkTitles } from './linkTitles.mjs';
import { liveExamples } from './liveExamples.mjs';
import { miniSearch } from './search.mjs';

const { version, homepage } = JSON.parse(readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'));

// VitePress gives the path of the site to everything but the icon.
const base = process.argv.includes('--base') ? process.argv[process.argv.indexOf('--base') + 1] : '/';

/** @param {string} text @param {string} link */
const page = (text, link) => ({ text, link });

const sidebar = [
  {
    text: 'Start',
    items: [
      page('Start', '/docs/start'),
      page('Examples', '/examples/README'),
      { text: 'Playground', link: '/playground/index.html', target: '_blank' },
      page('Demo', '/docs/demo'),
    ],
  },
  {
    text: 'Guides',
    items: [
      page('Guide', '/docs/guide'),
      page('Recipes', '/docs/recipes'),
      page('Data', '/docs/data'),
      page('Sequence tools: text, tags, forecasts', '/docs/sequence-tools'),
      page('Training', '/docs/training'),
      page('A model that does not learn', '/docs/not-learning'),
      page('Custom losses, metrics, optimizers', '/docs/own-training'),
      page('Custom layers', '/docs/own-layers'),
      page('Workers', '/docs/workers'),
      page('Runtimes', '/docs/runtimes'),
      page('Saved files', '/docs/files'),
      page('Quantization', '/docs/quantised'),
      page('JSON', '/docs/json'),
      page('ONNX', '/docs/onnx'),
      page('Command line', '/docs/command-line'),
      page('Beyond one machine', '/docs/beyond-one-machine'),
      page('Memory', '/docs/memory'),
      page('Warnings', '/docs/warnings'),
      page('Security', '/docs/security'),
    ],
  },
  {
    text: 'Coming from',
    items: [
      page('Keras', '/docs/from-keras'),
      page('TensorFlow.js', '/docs/from-tfjs'),
      page('PyTorch', '/docs/from-pytorch'),
      page('brain.js', '/docs/from-brainjs'),
    ],
  },
  {
    text: 'Reference',
    items: [page('API', '/api/'), page('Features', '/FEATURES'), page('Performance', '/docs/performance'), page('Changes', '/CHANGELOG')],
  },
  {
    text: 'Project',
    items: [
      page('Architecture', '/ARCHITECTURE'),
      page('Contributing', '/CONTRIBUTING'),
      page('Adding a layer', '/docs/adding-a-layer'),
      page('Debugging', '/docs/debugging'),
      page('Releasing', '/docs/releasing'),
    ],
  },
];

export default {
  title: 'Backtime',
  description: 'Recurrent networks trained and run in Node and the browser',
  lang: 'en',
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}icon.svg` }]],
  srcDir: 'pages',
  outDir: 'dist',
  lastUpdated: false,
  markdown: {
    // The names of headings are those of GitHub, so that links hold in the repository and here.
    anchor: { slugify: (title) => slug(title) },
    config(md) {
      md.use(liveExamples);
      md.use(emptyHeaders);
      md.use(linksToSources, { repository: homepage.replace(/#.*$/, '') });
      md.use(linkTitles);
    },
  },
  themeConfig: {
    nav: [page('Start', '/docs/start'), page('Guide', '/docs/guide'), page('API', '/api/'), page(version, '/CHANGELOG')],
    sidebar,
    outline: [2, 3],
    search: { provider: 'local', options: { miniSearch } },
    docFooter: { prev: 'Previous page', next: 'Next page' },
  },
};
