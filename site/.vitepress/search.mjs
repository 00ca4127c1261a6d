// The settings of the search, for the site and for the check of its results.

export const miniSearch = {
  options: { fields: ['title', 'titles', 'text'], storeFields: ['title', 'titles'] },
  searchOptions: {
    fuzzy: 0.2,
    prefix: true,
    boost: { title: 4, text: 2, titles: 1 },
    // A guide explains a term, the reference and the list of changes use it.
    boostDocument: (id) => (id.includes('/docs/') ? 2 : id.includes('CHANGELOG') ? 0.25 : 1),
  },
};
