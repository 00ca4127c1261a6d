import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const pages = fileURLToPath(new URL('../pages', import.meta.url));

/** The titles of pages, by their paths. @type {Map<string, string | undefined>} */
const titles = new Map();

/** @param {string} path from the folder of the pages */
function titleOf(path) {
  if (!titles.has(path)) {
    const file = join(pages, path);
    titles.set(path, existsSync(file) ? /^# (.*)$/m.exec(readFileSync(file, 'utf8'))?.[1] : undefined);
  }
  return titles.get(path);
}

/**
 * Labels links to pages by the titles of the pages where they are labelled by names of files, which
 * a reader of the repository knows and a reader of the site does not.
 * @param {import('markdown-it').default} md
 */
export function linkTitles(md) {
  md.core.ruler.push('link-titles', ({ tokens, env }) => {
    for (const { children } of tokens) {
      for (const [index, token] of (children ?? []).entries()) {
        const href = token.type === 'link_open' ? token.attrGet('href') : null;
        const label = children[index + 1];
        if (!href || /^\w+:/.test(href) || !/^[\w./-]+\.md$/.test(label.content) || children[index + 2]?.type !== 'link_close') continue;
        const [path] = href.split('#');
        const title = titleOf(path.startsWith('/') ? path.slice(1) : normalize(join(dirname(env.relativePath ?? ''), path)));
        if (title === undefined) continue;
        label.type = 'text';
        label.tag = '';
        label.content = title;
      }
    }
  });
}
