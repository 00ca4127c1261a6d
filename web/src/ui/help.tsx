import { useId, useState } from 'preact/hooks';
import { TERMS, type Term } from './terms.ts';

/** A “?” that explains a word of the page where it stands. */
export function Help({ term }: { term: Term }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const { name, about } = TERMS[term];
  return (
    <span class="help">
      <button
        type="button"
        class="help-button"
        aria-label={`What does “${name}” mean?`}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
        onKeyDown={({ key }) => {
          if (key === 'Escape') setOpen(false);
        }}
      >
        ?
      </button>
      <span id={id} class="help-text" role="status" hidden={!open}>
        {open && about}
      </span>
    </span>
  );
}
