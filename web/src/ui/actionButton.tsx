import type { ComponentChildren } from 'preact';

interface ActionButtonProps {
  readonly id: string;
  readonly primary?: boolean;
  /** Whether it does nothing now. */
  readonly disabled: boolean;
  readonly onClick: () => void;
  readonly children: ComponentChildren;
}

/**
 * A button that keeps the keyboard's focus while it does nothing: one with `disabled` loses it, and
 * the next Tab begins at the top.
 */
export function ActionButton({ id, primary = false, disabled, onClick, children }: ActionButtonProps) {
  return (
    <button
      type="button"
      id={id}
      class={primary ? 'primary' : ''}
      aria-disabled={disabled}
      onClick={() => {
        if (!disabled) onClick();
      }}
    >
      {children}
    </button>
  );
}
