/**
 * Makes cells of the header without text plain cells: a header that names nothing is none.
 * @param {import('markdown-it').default} md
 */
export function emptyHeaders(md) {
  md.core.ruler.push('empty-headers', ({ tokens }) => {
    for (const [index, token] of tokens.entries()) {
      if (token.type !== 'th_open' || tokens[index + 1]?.content !== '') continue;
      token.tag = 'td';
      tokens[index + 2].tag = 'td';
    }
  });
}
