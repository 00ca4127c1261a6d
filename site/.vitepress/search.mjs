// The settings of the search, for the site and for the check of its results.

export const miniSearch = {
  options: { fields: ['title', 'titles', 'text'], storeFields: ['title', 'titles'] },
  searchOptions: {
    fuzzy: 0.2,
    prefix: true,
    boost: { title: 4, text: 2, titles: 1 },
    // A guide explains a term, the reference uses it; others are for those who work on Backtime.
    // The site gets the text of this function, so it must not use names from outside.
    boostDocument(id) {
      if (/CHANGELOG|CONTRIBUTING|ARCHITECTURE|docs\/(adding-a-layer|debugging|releasing)/.test(id)) return 0.5;
      return id.includes('/docs/') ? 2 : 1;
    },
  },
};
