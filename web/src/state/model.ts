import { computed, signal, untracked } from '@preact/signals';
import { buildModel, describeLayers, type LayerChoice, type LayerKind, type LayerRow, type ModelFrame } from '../model/layerList.ts';
import { DEFAULT_LAYERS } from '../tasks/defaults.ts';
import { TASKS, type TaskName } from '../tasks/task.ts';
import { outdated, preparation, task } from './data.ts';
import { messageOf } from './messageOf.ts';

/** A chosen layer and a number that stays with it when layers move. */
export interface ChosenLayer {
  readonly key: number;
  readonly choice: LayerChoice;
}

let nextKey = 0;
const withKey = (choice: LayerChoice): ChosenLayer => ({ key: nextKey++, choice });

/** Layers by task: what is chosen for one stays when another is looked at. */
const layersByTask = signal(mapTasks((name) => DEFAULT_LAYERS[name].map(withKey)));
export const layers = computed(() => layersByTask.value[task.value]);
/** Numbers that stand for a word. */
export const embeddingSize = signal(32);

function mapTasks<Value>(ofTask: (name: TaskName) => Value): Readonly<Record<TaskName, Value>> {
  return Object.fromEntries((Object.keys(TASKS) as TaskName[]).map((name) => [name, ofTask(name)])) as Record<TaskName, Value>;
}

function setLayers(next: readonly ChosenLayer[]): void {
  layersByTask.value = { ...layersByTask.value, [task.value]: next };
}

/** Puts other layers in place of those of the chosen task. */
export function chooseLayers(choices: readonly LayerChoice[]): void {
  setLayers(choices.map(withKey));
}

/** What the task and the data fix of the model; null before there is data. */
export const frame = computed<ModelFrame | null>(() => {
  const prepared = preparation.value?.prepared;
  if (prepared?.notes.task !== task.value) return null;
  const fixed = prepared.frame;
  return fixed.first?.kind === 'Embedding' ? { ...fixed, first: { ...fixed.first, outputDim: embeddingSize.value } } : fixed;
});

/** The model as it would be trained, or why there is none. */
export interface ModelPlan {
  /** None while they would be those of other data or settings. */
  readonly rows: readonly LayerRow[];
  readonly parameters: number | null;
  /** Whether a field of the model holds no number. */
  readonly unfinished: boolean;
  readonly error: string | null;
}

const NO_PLAN = { rows: [], parameters: null, unfinished: false, error: null } as const;

export const plan = computed<ModelPlan | null>(() => {
  if (!frame.value) return null;
  if (outdated.value) return NO_PLAN;
  const { first } = frame.value;
  const sizes = layers.value.map(({ choice }) => (choice.kind === 'Dropout' ? choice.rate : choice.units));
  if (first?.kind === 'Embedding') sizes.push(first.outputDim);
  if (sizes.includes(Number.NaN)) return { ...NO_PLAN, unfinished: true };
  try {
    const model = buildModel(
      frame.value,
      layers.value.map(({ choice }) => choice),
    );
    return { ...NO_PLAN, rows: describeLayers(model), parameters: model.countParams() };
  } catch (error) {
    return { ...NO_PLAN, error: messageOf(error) };
  }
});

export function addLayer(): void {
  setLayers([...layers.value, withKey({ kind: 'LSTM', units: 32 })]);
}

export function removeLayer(key: number): void {
  setLayers(layers.value.filter((layer) => layer.key !== key));
}

/** Swaps a layer with the one before it. */
export function moveLayerUp(key: number): void {
  const index = layers.value.findIndex((layer) => layer.key === key);
  if (index > 0) setLayers(layers.value.with(index, layers.value[index - 1]).with(index - 1, layers.value[index]));
}

export function changeLayer(key: number, choice: LayerChoice): void {
  setLayers(layers.value.map((layer) => (layer.key === key ? { key, choice } : layer)));
}

/** The same layer as another kind, with the usual size of that kind. */
export function changeKind(key: number, kind: LayerKind): void {
  const size = untracked(() => layers.value.find((layer) => layer.key === key)?.choice);
  const units = size && size.kind !== 'Dropout' ? size.units : 32;
  changeLayer(key, kind === 'Dropout' ? { kind, rate: 0.2 } : { kind, units });
}
