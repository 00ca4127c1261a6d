/**
 * The module `#cli-progress` (package.json) outside of Node: a browser's console has no progress
 * bars, so bundles omit them.
 */
export default null;
