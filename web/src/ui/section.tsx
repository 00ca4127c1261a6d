import type { ComponentChildren } from 'preact';

/** One step of the way, with its number and its heading. */
export function Section({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {children}
    </section>
  );
}

/** Says why nothing can be done yet, while the field concerned says what to type. */
export const NUMBER_MISSING = 'A field does not hold a number that can be used.';

/** Something that went wrong, said at once to those who cannot see it. */
export function Failure({ message }: { message: string | null }) {
  return (
    <p role="alert" class="failure" hidden={!message}>
      {message && <strong>Problem: </strong>}
      {message}
    </p>
  );
}
