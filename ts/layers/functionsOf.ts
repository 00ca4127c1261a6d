import type { LazyPart } from '../core/lazyPart.ts';

type AnyFunction = (...args: never[]) => unknown;

/** Gives functions of a part by their names. They can be called when the part has loaded. */
export function functionsOf<Code extends object>(part: LazyPart<Code>) {
  return <Name extends keyof Code>(name: Name): Code[Name] & AnyFunction =>
    ((...args: never[]) => (part.loaded[name] as AnyFunction)(...args)) as Code[Name] & AnyFunction;
}
