/**
 * The page that shows a source of the examples. Its name has no dot before the ending, which would
 * be taken for that of the page.
 * @param {string} path such as `examples/page.html`
 * @returns {string} such as `examples/page-html.md`
 */
export const sourcePage = (path) => `${path.replace(/\.(\w+)$/, '-$1')}.md`;
