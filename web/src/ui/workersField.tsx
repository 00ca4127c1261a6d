import { workers } from '../state/training.ts';

/** How many of the machine's cores train. */
export function WorkersField({ disabled }: { disabled: boolean }) {
  const cores = navigator.hardwareConcurrency || 1;
  return (
    <div class="field">
      <label for="workers">Workers (processor cores)</label>
      <select
        id="workers"
        value={String(workers.value)}
        disabled={disabled}
        onChange={({ currentTarget: { value } }) => {
          workers.value = value === 'auto' ? value : Number(value);
        }}
      >
        <option value="auto">automatic</option>
        {Array.from({ length: cores }, (_, index) => (
          <option key={index} value={String(index + 1)}>
            {index + 1}
          </option>
        ))}
      </select>
    </div>
  );
}
