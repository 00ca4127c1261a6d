import { workers } from '../state/training.ts';
import { Help } from './help.tsx';

/** How many of the machine's cores train. */
export function WorkersField({ disabled }: { disabled: boolean }) {
  const cores = navigator.hardwareConcurrency || 1;
  return (
    <div class="field">
      <span class="labelled">
        <label for="workers">Processor cores</label>
        <Help term="workers" />
      </span>
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
