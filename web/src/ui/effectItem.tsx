import type { ComponentChildren } from 'preact';

/** Effects below this many percentage points are not worth a mark. */
const NOTABLE = 1;

/**
 * A part of what was judged, marked by how it moved the judgement.
 * @param effect how much more probable the answer is with it, -1 to 1
 */
export function EffectItem({ effect, children }: { effect: number; children: ComponentChildren }) {
  const points = Math.round(100 * effect);
  const notable = Math.abs(points) >= NOTABLE;
  const strength = Math.min(3, Math.ceil(Math.abs(points) / 10));
  return (
    <li class={notable ? `${points > 0 ? 'for' : 'against'} strength-${strength}` : ''}>
      {children}
      {notable && (
        <span class="effect">
          {points > 0 ? '▲' : '▼'}
          {Math.abs(points)}
        </span>
      )}
    </li>
  );
}
