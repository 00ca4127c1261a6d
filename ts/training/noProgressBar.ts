/** What `#cli-progress` in package.json stands for outside Node: a browser's console has no bars, and bundles need not carry them. */
export default null;
