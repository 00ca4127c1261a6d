interface NumberFieldProps {
  readonly id: string;
  readonly label: string;
  readonly value: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly step?: number | 'any';
  readonly onChange: (value: number) => void;
  readonly disabled?: boolean;
}

/** A labelled field for a number. What is typed is taken as it is; whoever uses the number says what is wrong with it. */
export function NumberField({ id, label, value, minimum, maximum, step = 1, onChange, disabled }: NumberFieldProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="number"
        inputMode="decimal"
        min={minimum}
        max={maximum}
        step={step}
        value={Number.isNaN(value) ? '' : value}
        disabled={disabled}
        onInput={({ currentTarget }) => onChange(currentTarget.valueAsNumber)}
      />
    </div>
  );
}
