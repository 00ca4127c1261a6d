/** What the column of texts is often called. */
export const TEXT_NAMES = ['text', 'review', 'comment'];

/** What the column to predict is often called. */
export const TARGET_NAMES = ['target', 'label', 'class', 'y', 'labels', 'category', 'sentiment'];
