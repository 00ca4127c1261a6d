import { expect, test } from 'vitest';
import { deadLinks, repositoryTexts, thrownClasses } from '../../scripts/checks/sitePages.mjs';

const isFile = (path: string) => path === 'docs/api.txt';
const page = (content: string) => `<body><a href="#main">Skip</a><main id="main">${content}</main></body>`;

test('links to a page that is not there, and to a heading that is not there, are dead', () => {
  const start = page(
    '<h2 id="über-uns">Us</h2><a class="x" href="/backtime/docs/guide.html#texts">Texts</a><a href="./guide.html">Guide</a>',
  );
  const guide = page('<h2 id="texts">Texts</h2><a href="/backtime/">Home</a><a href="../docs/start.html#%C3%BCber-uns">Us</a>');
  const index = page('<a href="https://example.com/none#x">Elsewhere</a><a href="/backtime/docs/api.txt">API</a>');
  const pages = new Map([
    ['docs/start.html', start],
    ['docs/guide.html', guide],
    ['index.html', index],
  ]);
  expect(deadLinks(pages, '/backtime/', isFile)).toEqual([]);
  pages.set(
    'docs/start.html',
    `${start}<a href="/backtime/docs/guide.html#text">1</a><a href="#none">2</a><a href="/docs/guide.html">3</a>`,
  );
  pages.set('index.html', `${index}<a href="docs/none.html">4</a><a href="docs/guide.html?a=1&amp;b#texts">5</a>`);
  expect(deadLinks(pages, '/backtime/', isFile)).toEqual([
    'docs/start.html -> /backtime/docs/guide.html#text',
    'docs/start.html -> #none',
    'docs/start.html -> /docs/guide.html',
    'index.html -> docs/none.html',
  ]);
});

test('labels that are names of files, and notes about tables, are not for readers of the site', () => {
  const good = page('<a href="workers.html">Workers</a><a href="x.html">convert-dates.js</a><p>A stale cache.</p>');
  const bad = page('<a href="workers.html">docs/workers.md</a><a href="own.html"><code>own-layers.md</code></a><strong>Stale.</strong>');
  const pages = new Map([
    ['docs/good.html', good],
    ['docs/bad.html', bad],
    ['CONTRIBUTING.html', page('<strong>Stale.</strong>')],
  ]);
  expect(repositoryTexts(pages)).toEqual([
    'docs/bad.html: docs/workers.md',
    'docs/bad.html: own-layers.md',
    'docs/bad.html: <strong>Stale.',
  ]);
});

test('an error of the API without its class is found', () => {
  const list = (...items: string[]) =>
    `<h4 id="throws-2" tabindex="-1">Throws</h4><ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul><hr>`;
  const named = '<a href="StateError.html">StateError</a> when it runs';
  const pages = new Map([
    ['api/a.html', page(list(named, 'the errors of <code>read</code>', 'when it has <em>no</em> files'))],
    ['docs/b.html', page(list('when it is asked'))],
  ]);
  expect(thrownClasses(pages)).toEqual({ named: 1, unnamed: ['api/a.html: when it has no files'] });
});
