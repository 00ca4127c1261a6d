/**
 * The name of a custom object in errors and in the history: its class's static `className`
 * with a small first letter; of a class of Backtime its `builtInName`.
 * @param otherwise the name of an object whose class has none
 */
export function ownName(object: object, otherwise: string): string {
  const { className: own, builtInName } = object.constructor as { className?: unknown; builtInName?: unknown };
  const className = own ?? builtInName;
  return typeof className === 'string' && className !== '' ? `${className[0]?.toLowerCase()}${className.slice(1)}` : otherwise;
}
