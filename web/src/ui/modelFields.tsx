import { useRef } from 'preact/hooks';
import { count } from '../data/count.ts';
import { LAYER_KINDS, type LayerKind, type LayerRow } from '../model/layerList.ts';
import { source } from '../state/data.ts';
import {
  addLayer,
  type ChosenLayer,
  changeKind,
  changeLayer,
  embeddingSize,
  frame,
  layers,
  moveLayerUp,
  plan,
  removeLayer,
} from '../state/model.ts';
import { Help } from './help.tsx';
import { NumberField } from './numberField.tsx';
import { Failure, NUMBER_MISSING } from './section.tsx';

/** The layers of the network, to be changed. */
export function ModelFields() {
  const add = useRef<HTMLButtonElement>(null);
  const { value: planned } = plan;
  if (!frame.value || !planned) {
    return <p>{source.value ? 'It can be put together once the data is ready for the task.' : 'Choose data and a task first.'}</p>;
  }
  const before = frame.value.first === null ? 0 : 1;
  const { rows } = planned;
  return (
    <>
      <p>
        The data goes through these layers from top to bottom.
        <Help term="layer" />
      </p>
      {frame.value.bothWays && <p class="note">Layers with memory read every sentence from both ends.</p>}
      <ol class="layers">
        {before === 1 && <FixedLayer row={rows[0]} />}
        {layers.value.map((layer, index) => (
          <LayerFields key={layer.key} layer={layer} place={index + 1} row={rows[before + index]} onRemoved={() => add.current?.focus()} />
        ))}
        <FixedLayer row={rows[rows.length - 1]} />
      </ol>
      <div class="buttons">
        <button type="button" ref={add} onClick={addLayer}>
          Add a layer
        </button>
      </div>
      {frame.value.first?.kind === 'Embedding' && (
        <div class="fields">
          <NumberField
            id="embedding-size"
            label="Numbers for each word"
            term="embedding"
            minimum={1}
            maximum={512}
            value={embeddingSize.value}
            onChange={(value) => {
              embeddingSize.value = value;
            }}
          />
        </div>
      )}
      <p role="status" id="parameters">
        {planned.unfinished && NUMBER_MISSING}
        {planned.parameters !== null && `${count(planned.parameters)} parameters to learn in all.`}
      </p>

      <Failure message={planned.error} />
    </>
  );
}

function FixedLayer({ row }: { row: LayerRow | undefined }) {
  return (
    <li class="fixed">
      <span>{row?.title ?? 'Made by the task'}</span>
      <Parameters row={row} />
    </li>
  );
}

function Parameters({ row }: { row: LayerRow | undefined }) {
  return <span class="parameters">{row && `${count(row.parameters)} parameters`}</span>;
}

interface LayerFieldsProps {
  readonly layer: ChosenLayer;
  /** From 1. */
  readonly place: number;
  readonly row: LayerRow | undefined;
  readonly onRemoved: () => void;
}

const kinds = Object.keys(LAYER_KINDS) as LayerKind[];

/** Kind and size of one layer; buttons name it, for those who hear them one by one. */
function LayerFields({ layer: { key, choice }, place, row, onRemoved }: LayerFieldsProps) {
  return (
    <li>
      <div class="field">
        {/* What a kind does stands here: on a phone a list would cut it. */}
        <label for={`kind-${key}`}>
          Layer {place}: {LAYER_KINDS[choice.kind]}
        </label>
        <select id={`kind-${key}`} value={choice.kind} onChange={({ currentTarget }) => changeKind(key, currentTarget.value as LayerKind)}>
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {kind}
            </option>
          ))}
        </select>
      </div>
      {choice.kind === 'Dropout' ? (
        <NumberField
          id={`size-${key}`}
          label="Dropout rate"
          minimum={0}
          maximum={0.9}
          step={0.05}
          value={choice.rate}
          onChange={(rate) => changeLayer(key, { kind: 'Dropout', rate })}
        />
      ) : (
        <NumberField
          id={`size-${key}`}
          label="Size"
          minimum={1}
          maximum={1024}
          value={choice.units}
          onChange={(units) => changeLayer(key, { kind: choice.kind, units })}
        />
      )}
      <Parameters row={row} />
      <div class="buttons">
        <button type="button" disabled={place === 1} onClick={() => moveLayerUp(key)} aria-label={`Move layer ${place} up`}>
          ↑
        </button>
        <button
          type="button"
          aria-label={`Remove layer ${place}`}
          onClick={() => {
            removeLayer(key);
            onRemoved();
          }}
        >
          Remove
        </button>
      </div>
    </li>
  );
}
