import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sourcePage } from './sourcePage.mjs';

const pages = fileURLToPath(new URL('../pages', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Makes links to files of the project that are no pages of the site lead to the page of their
 * source, or else to the repository.
 * @param {import('markdown-it').default} md
 * @param {{ repository: string }} options
 */
export function linksToSources(md, { repository }) {
  const sources = `${repository}/blob/main/`;
  md.core.ruler.push('links-to-sources', ({ tokens, env }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null;
      if (!href) continue;
      // Pages that are packed name what is not packed by its address in the repository.
      const isNamed = href.startsWith(sources);
      const [path, hash = ''] = (isNamed ? href.slice(sources.length - 1) : href).split(/(?=#)/);
      if (/^(\w+:|\/\/)/.test(path) || path === '') continue;
      const target = path.startsWith('/') ? path.slice(1) : normalize(join(dirname(env.relativePath ?? ''), path));
      const isPage = existsSync(join(pages, target)) && /\.(md|svg|png)$/.test(target);
      const source = sourcePage(target);
      if (!isPage && existsSync(join(pages, source))) token.attrSet('href', `/${source}`);
      else if (isPage && isNamed) token.attrSet('href', `/${target}${hash}`);
      else if (!isPage && !path.startsWith('/') && existsSync(join(root, target))) token.attrSet('href', `${sources}${target}${hash}`);
    }
  });
}
