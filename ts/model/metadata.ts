/** A value that JSON can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * Data that a user saves with a model, such as the names of its classes, a vocabulary, or how the
 * data was scaled. The values are strings, finite numbers, true, false, null, and arrays and plain
 * objects of these.
 */
export type Metadata = { readonly [key: string]: JsonValue };
