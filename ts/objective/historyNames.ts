/** `valLoss` of 'val' and `loss`; `tagsLoss` of an output 'tags'. */
export function withPrefix(prefix: string, name: string): string {
  return `${prefix}${name[0]?.toUpperCase()}${name.slice(1)}`;
}

/** `loss` of 'val' and `valLoss`; a name that does not begin with the prefix as it is. */
export function withoutPrefix(prefix: 'val' | 'weighted', name: string): string {
  const rest = name.slice(prefix.length);
  return name.startsWith(prefix) && /^[A-Z]/.test(rest) ? `${rest[0]?.toLowerCase()}${rest.slice(1)}` : name;
}
