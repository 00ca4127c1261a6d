import type { ExpandDims, Squeeze } from '../../layers/axes.ts';
import type { Flip } from '../../layers/flip.ts';
import type { GetItem } from '../../layers/getItem.ts';
import type { RepeatVector } from '../../layers/repeatVector.ts';
import type { Flatten, Permute, Reshape } from '../../layers/reshaping.ts';
import type { Cropping1D, Cropping2D, UpSampling1D, UpSampling2D, ZeroPadding1D, ZeroPadding2D } from '../../layers/resizing.ts';
import type { Slice, Take } from '../../layers/slicing.ts';
import type { SampleShape } from '../../layers/spec.ts';
import { PLAIN_CALL } from '../../layers/symbolicTensor.ts';
import type { GraphWriter, Written } from './graphWriter.ts';
import { floatInput, type LayerUse } from './layerUse.ts';
import { withChannelsFirst } from './writeWindows.ts';

/** The end of a slice that takes all that follow. */
const END = 2 ** 31 - 1;
/** The end of a slice that goes back to the first. */
const BEGINNING = -(2 ** 31);

/** Writes a layer of one input whose mask ends, as one node or several. */
function reshaped(
  use: LayerUse,
  write: (graph: GraphWriter, name: string, shape: SampleShape, as: { as: string }) => string,
): readonly Written[] {
  const input = floatInput(use);
  const { shape } = use.layer.infer([{ shape: input.shape, kind: 'floats' }], PLAIN_CALL)[0] as { shape: SampleShape };
  const name = write(use.graph, input.name, input.shape, { as: `${use.path}/${use.layer.className}` });
  return [{ name, shape, type: 'float', mask: null }];
}

export const writeFlatten = (use: LayerUse<Flatten>) =>
  reshaped(use, (graph, name, _, as) => graph.node('Flatten', [name], { axis: 1 }, as));

export const writeReshape = (use: LayerUse<Reshape>) =>
  reshaped(use, (graph, name, shape, as) => {
    const made = use.layer.outputShape(shape);
    // 0 keeps the number of samples, where -1 stands for steps.
    const sizes = made.includes(null) ? [0, ...use.layer.targetShape] : [-1, ...(made as readonly number[])];
    return graph.node('Reshape', [name, graph.ints(sizes)], {}, as);
  });

export const writePermute = (use: LayerUse<Permute>) =>
  reshaped(use, (graph, name, _, as) => graph.node('Transpose', [name], { perm: [0, ...use.layer.dims] }, as));

export const writeRepeatVector = (use: LayerUse<RepeatVector>) =>
  reshaped(use, (graph, name, _, as) => graph.node('Tile', [graph.unsqueeze(name, [1]), graph.ints([1, use.layer.n, 1])], {}, as));

export const writeExpandDims = (use: LayerUse<ExpandDims>) =>
  reshaped(use, (graph, name, _, as) => graph.node('Unsqueeze', [name, graph.ints([use.layer.axis])], {}, as));

export const writeSqueeze = (use: LayerUse<Squeeze>) =>
  reshaped(use, (graph, name, _, as) => graph.node('Squeeze', [name, graph.ints([use.layer.axis])], {}, as));

/** The places at both ends of each axis of a layer over one axis or two. */
function endsOf(given: ZeroPadding1D['padding'] | ZeroPadding2D['padding']): readonly (readonly [before: number, after: number])[] {
  return typeof given[0] === 'number' ? [given as ZeroPadding1D['padding']] : (given as ZeroPadding2D['padding']);
}

export const writeZeroPadding = (use: LayerUse<ZeroPadding1D | ZeroPadding2D>) =>
  reshaped(use, (graph, name, _, as) => {
    const ends = endsOf(use.layer.padding);
    const pads = [0, 1].flatMap((end) => [0, ...ends.map((both) => both[end] as number), 0]);
    return graph.node('Pad', [name, graph.ints(pads)], {}, as);
  });

export const writeCropping = (use: LayerUse<Cropping1D | Cropping2D>) =>
  reshaped(use, (graph, name, _, as) => {
    const ends = endsOf(use.layer.cropping);
    const starts = graph.ints(ends.map(([before]) => before));
    const stops = graph.ints(ends.map(([, after]) => (after === 0 ? END : -after)));
    return graph.node('Slice', [name, starts, stops, graph.ints(ends.map((_both, axis) => axis + 1))], {}, as);
  });

export const writeUpSampling = (use: LayerUse<UpSampling1D>) =>
  reshaped(use, (graph, name, shape, as) => {
    const repeated = graph.node('Tile', [graph.unsqueeze(name, [2]), graph.ints([1, 1, use.layer.size, 1])]);
    // Of [N, T, size, D] the steps and their copies become one axis.
    return graph.node('Reshape', [repeated, graph.ints([0, -1, shape[1] as number])], {}, as);
  });

export const writeUpSampling2D = (use: LayerUse<UpSampling2D>) =>
  reshaped(use, (graph, name, _, as) =>
    withChannelsFirst(graph, name, 2, (turned) =>
      graph.node(
        'Resize',
        [turned, '', graph.array(`${use.path}/scales`, [4], () => [1, 1, ...use.layer.size])],
        { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
        as,
      ),
    ),
  );

export function writeFlip(use: LayerUse<Flip>): readonly Written[] {
  const flipped = reshaped(use, (graph, name, _, as) =>
    graph.node('Slice', [name, graph.ints([-1]), graph.ints([BEGINNING]), graph.ints([1]), graph.ints([-1])], {}, as),
  );
  return flipped.map((output) => ({ ...output, mask: (use.inputs[0] as Written).mask }));
}

export const writeSlice = (use: LayerUse<Slice>) =>
  reshaped(use, (graph, name, _, as) => {
    const { start, size } = use.layer;
    const ends = size.map((count, axis) => {
      const end = (start[axis] as number) + count;
      // From the end on, an end of 0 would be the beginning.
      return count === -1 || ((start[axis] as number) < 0 && end >= 0) ? END : end;
    });
    return graph.node('Slice', [name, graph.ints(start), graph.ints(ends), graph.ints(start.map((_index, axis) => axis + 1))], {}, as);
  });

export const writeTake = (use: LayerUse<Take>) =>
  reshaped(use, (graph, name, _, as) => graph.node('Gather', [name, graph.ints(use.layer.indices)], { axis: use.layer.axis }, as));

export const writeGetItem = (use: LayerUse<GetItem>) =>
  reshaped(use, (graph, name, shape, as) => {
    const { key } = use.layer;
    const taken = key.filter((entry) => entry !== 'newAxis');
    const slices = taken.flatMap((entry, index) => {
      if (typeof entry === 'number') return [];
      const [start, stop, given] = entry;
      const step = given ?? 1;
      if (start === null && stop === null && step === 1) return [];
      const [first, last] = step > 0 ? [0, END] : [END, BEGINNING];
      return [{ axis: index + 1, start: start ?? first, stop: stop ?? last, step }];
    });
    const columns = (['start', 'stop', 'axis', 'step'] as const).map((field) => graph.ints(slices.map((slice) => slice[field])));
    let result = slices.length === 0 ? name : graph.node('Slice', [name, ...columns], {}, as);
    // From the last on, so that the numbers of the other axes stay.
    for (const [index, entry] of [...taken.entries()].reverse())
      if (typeof entry === 'number') result = graph.node('Gather', [result, graph.ints(entry)], { axis: index + 1 }, as);
    const made = [...key, ...shape.slice(taken.length).map(() => null)].filter((entry) => typeof entry !== 'number');
    return graph.unsqueeze(
      result,
      made.flatMap((entry, axis) => (entry === 'newAxis' ? [axis + 1] : [])),
    );
  });
