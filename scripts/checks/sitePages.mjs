// What the pages of the built documentation site must have: links that lead somewhere, labels and
// notes for readers instead of those of the repository, and a search that finds the terms of the
// field.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { miniSearch } from '../../site/.vitepress/search.mjs';
import { root } from '../process.mjs';

const dist = join(root, 'site', 'dist');

/** The part of a page that is written, without the bars around it. @param {string} html */
const written = (html) => /<main[\s\S]*<\/main>/.exec(html)?.[0] ?? html;

const decode = (/** @type {string} */ text) => text.replaceAll('&amp;', '&').replaceAll('&#39;', "'").replaceAll('&quot;', '"');

/**
 * The pages of the site by their paths, such as `docs/start.html`. The playground is none.
 * @returns {Map<string, string>}
 */
export function readSitePages() {
  const paths = readdirSync(dist, { recursive: true })
    .map((path) => String(path).replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.html') && !/^(package|playground|assets)\//.test(path) && path !== '404.html');
  return new Map(paths.map((path) => [path, readFileSync(join(dist, path), 'utf8')]));
}

/**
 * The links that lead to no page, or to no heading of one.
 * @param {Map<string, string>} pages as of {@link readSitePages}
 * @param {string} base the path of the site: `/backtime/`
 * @param {(path: string) => boolean} [isFile] whether the site has another file. Default: looks in
 *   the built site
 * @returns {string[]} `docs/start.html -> /backtime/docs/none.html`
 */
export function deadLinks(pages, base, isFile = (path) => existsSync(join(dist, path))) {
  const names = new Map(
    Array.from(pages, ([path, html]) => [path, new Set(Array.from(html.matchAll(/\sid="([^"]*)"/g), ([, id]) => decode(id)))]),
  );
  const dead = [];
  for (const [path, html] of pages) {
    for (const [, given] of html.matchAll(/<a\s[^>]*?href="([^"]*)"/g)) {
      const href = decode(given);
      const { origin, pathname, hash } = new URL(href, `http://site${base}${path}`);
      if (origin !== 'http://site') continue;
      const below = decodeURIComponent(pathname.slice(base.length));
      const target = below === '' || below.endsWith('/') ? `${below}index.html` : below;
      const ids = names.get(target) ?? names.get(`${target}.html`);
      const isDead = ids ? hash.length > 1 && !ids.has(decodeURIComponent(hash.slice(1))) : !pathname.startsWith(base) || !isFile(target);
      if (isDead) dead.push(`${path} -> ${href}`);
    }
  }
  return [...new Set(dead)];
}

/**
 * Links that are labelled by the name of a page's file, and notes of those who measure tables.
 * @param {Map<string, string>} pages as of {@link readSitePages}
 * @returns {string[]} the page and the text
 */
export function repositoryTexts(pages) {
  return Array.from(pages).flatMap(([path, html]) => {
    const labels = Array.from(written(html).matchAll(/<a\s[^>]*>(?:<code>)?([\w./-]+\.md)(?:<\/code>)?<\/a>/g), ([, label]) => label);
    const notes = /^(CONTRIBUTING|docs\/releasing)\./.test(path) ? [] : (written(html).match(/To measure again|<strong>Stale\./g) ?? []);
    return [...labels, ...notes].map((text) => `${path}: ${text}`);
  });
}

/**
 * What the pages of the API say is thrown without its class.
 * @param {Map<string, string>} pages as of {@link readSitePages}
 * @returns {{ named: number, unnamed: string[] }} how many have their class; the others
 */
export function thrownClasses(pages) {
  const unnamed = [];
  let named = 0;
  for (const [path, html] of pages) {
    if (!path.startsWith('api/')) continue;
    for (const [, list] of html.matchAll(/<h\d id="throws[^>]*>[\s\S]*?<\/h\d>([\s\S]*?)(?=<h\d|<hr>|<\/main>)/g))
      for (const [, item] of list.matchAll(/<(?:li|p)>([\s\S]*?)<\/(?:li|p)>/g)) {
        if (/^<a[^>]*>\w+Error<\/a>/.test(item)) named++;
        else if (!/^(the errors?|an error|what) /.test(item)) unnamed.push(`${path}: ${item.replace(/<[^>]*>/g, '')}`);
      }
  }
  return { named, unnamed };
}

/**
 * The search of the built site.
 * @returns {Promise<(words: string) => string[]>} gives the pages with their headings, best first:
 *   `docs/start.html#install`
 */
export async function siteSearch() {
  const chunks = join(dist, 'assets', 'chunks');
  const name = readdirSync(chunks).find((file) => file.startsWith('@localSearchIndex'));
  const { default: json } = await import(pathToFileURL(join(chunks, String(name))).href);
  // The class that the site's own search box loads the index with.
  const MiniSearch = createRequire(join(root, 'site', 'package.json'))('minisearch');
  const index = MiniSearch.loadJSON(json, { ...miniSearch.options, searchOptions: miniSearch.searchOptions });
  return (words) => index.search(words).map(({ id }) => id.slice(id.search(/\/(docs|api|examples|[A-Z]\w+\.html)/) + 1));
}
