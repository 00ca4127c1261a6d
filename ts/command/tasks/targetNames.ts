/** What the column to predict is often called. */
export const TARGET_NAMES = ['target', 'label', 'class', 'y', 'labels', 'category', 'sentiment'];
