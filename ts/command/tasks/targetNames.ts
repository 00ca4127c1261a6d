/** What the column to predict is often called. */
export const TARGET_NAMES = /^(label|labels|class|target|category|sentiment|y)$/i;
