import { LazyPart } from '../core/lazyPart.ts';

/**
 * The code with which the layers of nearly every model are emitted. It loads with what makes
 * programs.
 */
export const EMISSION = /* @__PURE__ */ new LazyPart('layers in programs', 'backtime/training', () => import('./emission.ts'));

/** The code that the other layers need, too. It loads with what makes programs if one is there. */
export const MORE_EMISSION = /* @__PURE__ */ new LazyPart(
  'more layers in programs',
  'backtime/training',
  () => import('./moreEmission.ts'),
);

/**
 * The parts that must load before programs are made. A module of layers that need more code adds
 * its part.
 */
export const EMISSION_PARTS = /* @__PURE__ */ new Set<LazyPart<unknown>>([EMISSION]);

/** Whether programs can be made of all layers whose classes are there. */
export function hasEmission(): boolean {
  return [...EMISSION_PARTS].every(({ code }) => code !== null);
}

/**
 * Loads what the layers whose classes are there need in programs.
 * @throws {FileError} when a file of the package cannot be loaded
 */
export async function loadEmission(): Promise<void> {
  await Promise.all([...EMISSION_PARTS].map((part) => part.load()));
}
