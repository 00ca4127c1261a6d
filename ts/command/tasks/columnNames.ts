/** Usual names of the column of texts. */
export const TEXT_NAMES = ['text', 'review', 'comment'];

/** Usual names of the column to predict. */
export const TARGET_NAMES = ['target', 'label', 'class', 'y', 'labels', 'category', 'sentiment'];
