import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const pages = fileURLToPath(new URL('../pages', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Makes links to files of the project that are no pages of the site lead to the repository.
 * @param {import('markdown-it').default} md
 * @param {{ repository: string }} options
 */
export function linksToSources(md, { repository }) {
  md.core.ruler.push('links-to-sources', ({ tokens, env }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null;
      if (!href || /^(\w+:|#|\/)/.test(href)) continue;
      const [path, hash = ''] = href.split(/(?=#)/);
      const target = normalize(join(dirname(env.relativePath ?? ''), path));
      const isPage = existsSync(join(pages, target)) && /\.(md|svg|png)$/.test(target);
      if (!isPage && existsSync(join(root, target))) token.attrSet('href', `${repository}/blob/main/${target}${hash}`);
    }
  });
}
