import { FormatError } from '../../core/errors.ts';
import type { LayerConfig, LayerConfigValue } from '../../layers/layerConfig.ts';
import type { GraphState } from '../../model/modelState.ts';
import { takesTexts } from '../../model/rawInput.ts';
import { GroupNames } from './groupNames.ts';
import { misplaced, preparationOf, preparedInput, preparesData } from './preparation.ts';
import { type DescribedLayer, titleOf } from './readLayer.ts';

/** The learned state of preprocessing layers in a file. */
export interface LearnedSource {
  /**
   * Numbers of a layer: by their place among its weights, or by a name.
   * @param group where Keras 3 keeps the layer's weights: `layers/normalization`
   * @throws {FormatError} when the file has none
   */
  numbers(layer: DescribedLayer, group: string, place: number | 'idf_weights'): number[];
  /** The tokens of a layer. @throws {FormatError} when the file has none */
  tokens(layer: DescribedLayer, group: string): string[];
}

/**
 * Gives the layers of a model that prepare data what they have learned, and makes the inputs of
 * what they give. Those of models inside go to the inputs of the outer model, where data is read.
 * @throws {FormatError} when it is missing, or data would be prepared at a place that is not an input
 */
export function withLearned(model: DescribedLayer, source: LearnedSource, group = 'layers'): DescribedLayer {
  const { className, config } = model;
  const names = new GroupNames();
  const layers = layersOf(model).map((layer): DescribedLayer => {
    if (isModel(layer)) return withLearned(layer, source, `${group}/${names.next(layer.className)}/layers`);
    if (preparesData(layer.className)) return learned(layer, source, `${group}/${names.next(layer.className)}`);
    const preparation = preparationOf(layer.config);
    if (preparation.length === 0) return layer;
    const { preprocessing, ...raw } = layer.config;
    return preparedInput(
      raw,
      preparation.map((each) => learned(each, source, `${group}/${each.group}`)),
    );
  });
  const made = { className, config: { ...config, layers } as unknown as LayerConfig };
  return className === 'Model' ? liftedInGraph(made) : liftedInChain(made);
}

function layersOf({ config }: DescribedLayer): readonly DescribedLayer[] {
  return config.layers as unknown as readonly DescribedLayer[];
}

function isModel({ className }: DescribedLayer): boolean {
  return className === 'Model' || className === 'Sequential';
}

function learned(layer: DescribedLayer, source: LearnedSource, group: string): DescribedLayer {
  const { className, config } = layer;
  const has = (option: string) => config[option] !== null && config[option] !== undefined;
  const withOptions = (options: object) => ({ className, config: { ...config, ...options } as LayerConfig });
  if (className === 'Normalization') {
    const given = (option: string, place: number) => (has(option) ? config[option] : source.numbers(layer, group, place));
    return withOptions({ mean: given('mean', 0), variance: given('variance', 1) });
  }
  if (!('vocabulary' in config)) return withOptions({});
  const tokens = () => (className === 'IntegerLookup' ? source.tokens(layer, group).map(Number) : source.tokens(layer, group));
  const vocabulary = has('vocabulary') ? config.vocabulary : tokens();
  if (config.outputMode !== 'tfIdf') return withOptions({ vocabulary, idfWeights: null });
  const weights = has('idfWeights') ? config.idfWeights : source.numbers(layer, group, 'idf_weights');
  return withOptions({ vocabulary, idfWeights: withoutUnknown(weights, vocabulary, layer) });
}

/** The weights of the learned tokens: Keras also has those of unknown ones, their mean. */
function withoutUnknown(weights: unknown, vocabulary: unknown, layer: DescribedLayer): unknown {
  if (!Array.isArray(weights) || !Array.isArray(vocabulary))
    throw new FormatError(`${titleOf(layer)}: vocabulary and idf_weights should be arrays`);
  const { numOovIndices = 1, oovToken = '[UNK]' } = layer.config;
  const unknown = numOovIndices as number;
  const hasUnknown = weights.length === vocabulary.length && vocabulary.slice(0, unknown).every((token) => token === oovToken);
  return hasUnknown ? weights.slice(unknown) : weights;
}

/** A Sequential whose first layers prepare data; its input shape is that of what they give. */
function liftedInChain({ className, config }: DescribedLayer): DescribedLayer {
  const [first, ...others] = layersOf({ className, config });
  const lifted = first && isModel(first) ? withoutPreparation(first) : null;
  const inner = lifted?.preparations ?? [];
  if (inner.length > 1) throw misplaced(titleOf(inner.flat()[0] as DescribedLayer), 'its model has several inputs');
  const layers = [...(inner[0] ?? []), ...(lifted ? [lifted.model] : first ? [first] : []), ...others];
  const end = layers.findIndex((layer) => !preparesData(layer.className));
  const preparation = layers.slice(0, end === -1 ? layers.length : end);
  for (const layer of others) {
    const found = isModel(layer) ? withoutPreparation(layer).preparations.flat()[0] : undefined;
    if (found) throw misplaced(titleOf(found), `is inside of ${titleOf(layer)}, which is not the first layer`);
  }
  const { inputShape } = config;
  if (preparation.length === 0 || inputShape === undefined || inputShape === null)
    return { className, config: { ...config, layers } as unknown as LayerConfig };
  const raw = { name: 'input', shape: inputShape, dtype: takesTexts(preparation) ? 'string' : null, batchSize: null } as LayerConfig;
  const { shape } = preparedInput(raw, preparation).config;
  return { className, config: { ...config, inputShape: shape, layers } as unknown as LayerConfig };
}

/** A functional model, whose inputs also prepare data for the models that take them. */
function liftedInGraph(outer: DescribedLayer): DescribedLayer {
  const layers = [...layersOf(outer)];
  const { nodes, outputs } = outer.config.graph as unknown as GraphState;
  for (const [index, layer] of layers.entries()) {
    const lifted = isModel(layer) ? withoutPreparation(layer) : null;
    const found = lifted?.preparations.flat()[0];
    if (!lifted || !found) continue;
    layers[index] = lifted.model;
    const uses = nodes.filter((node) => node.layer === index);
    const [use] = uses;
    if (!use || uses.length > 1) throw misplaced(titleOf(found), `it is inside of ${titleOf(layer)}, which is used ${uses.length} times`);
    for (const [place, preparation] of lifted.preparations.entries()) {
      if (preparation.length === 0) continue;
      const given = use.inputs[place];
      if (!given) throw new FormatError(`${titleOf(layer)} has ${lifted.preparations.length} inputs, but is given ${use.inputs.length}`);
      const [node, port] = given;
      const input = (nodes[node] as GraphState['nodes'][number]).layer;
      const taken = [...nodes.flatMap(({ inputs }) => inputs), ...outputs].filter(([of, from]) => of === node && from === port);
      const { className, config } = layers[input] as DescribedLayer;
      if (className !== 'InputLayer' || taken.length > 1)
        throw misplaced(
          titleOf(found),
          `${titleOf(layer)} takes what ${className === 'InputLayer' ? 'others take, too' : 'layers compute'}`,
        );
      const { preprocessing, origin, ...own } = config;
      const raw = { ...own, ...((origin ?? {}) as LayerConfig) };
      layers[input] = preparedInput(raw, [...preparationOf(config), ...preparation]);
    }
  }
  return { ...outer, config: { ...outer.config, layers: layers as unknown as LayerConfigValue } };
}

/** A model whose inputs prepare nothing, and what they prepared. */
function withoutPreparation(model: DescribedLayer): { model: DescribedLayer; preparations: readonly (readonly DescribedLayer[])[] } {
  const layers = layersOf(model);
  const withLayers = (kept: readonly DescribedLayer[]) => ({
    className: model.className,
    config: { ...model.config, layers: kept as unknown as LayerConfigValue },
  });
  if (model.className === 'Sequential')
    return {
      model: withLayers(layers.filter(({ className }) => !preparesData(className))),
      preparations: [layers.filter(({ className }) => preparesData(className))],
    };
  const plain = layers.map(({ className, config }) => {
    const { preprocessing, origin, ...own } = config;
    return { className, config: className === 'InputLayer' ? own : config };
  });
  const inputs = layers.filter(({ className }) => className === 'InputLayer');
  return { model: withLayers(plain), preparations: inputs.map(({ config }) => preparationOf(config)) };
}
