import {
  Cropping2D,
  Dense,
  Flatten,
  GlobalAveragePooling2D,
  GlobalMaxPooling2D,
  type Layer,
  SpatialDropout2D,
  UpSampling2D,
  ZeroPadding2D,
} from '../../ts/index.ts';
import { layerFromConfig, loadAllLayers } from '../../ts/layers/registry.ts';
import { describeLayer, type LayerConformance } from '../support/conformance.ts';

await loadAllLayers();

/** What a layer makes of images [3, 4, 3] of a layer before it. */
interface ImageLayer {
  readonly make: (options?: object) => Layer;
  readonly output: readonly number[];
  readonly badValues?: LayerConformance['badValues'];
}

const LAYERS: Readonly<Record<string, ImageLayer>> = {
  Cropping2D: {
    make: (options) =>
      new Cropping2D(
        [
          [1, 0],
          [0, 2],
        ],
        options,
      ),
    output: [2, 2, 3],
    badValues: { 'three axes': () => new Cropping2D([1, 1, 1] as never), 'half a place': () => new Cropping2D(0.5) },
  },
  ZeroPadding2D: {
    make: (options) => new ZeroPadding2D([1, 2], options),
    output: [5, 8, 3],
    badValues: { 'places below 0': () => new ZeroPadding2D(-1), 'three ends': () => new ZeroPadding2D([[1, 1, 1], 1] as never) },
  },
  UpSampling2D: {
    make: (options) => new UpSampling2D([2, 3], options),
    output: [6, 12, 3],
    badValues: {
      'no copies': () => new UpSampling2D(0),
      'another interpolation': () => new UpSampling2D(2, { interpolation: 'bilinear' as 'nearest' }),
    },
  },
  GlobalAveragePooling2D: {
    make: (options) => new GlobalAveragePooling2D(options),
    output: [3],
    badValues: { 'keepDims that is no boolean': () => new GlobalAveragePooling2D({ keepDims: 1 as never }) },
  },
  GlobalMaxPooling2D: { make: (options) => new GlobalMaxPooling2D(options), output: [3] },
  SpatialDropout2D: {
    make: (options) => new SpatialDropout2D(0.25, options),
    output: [3, 4, 3],
    badValues: { 'a rate of 1': () => new SpatialDropout2D(1) },
  },
};

for (const [className, { make, output, badValues = {} }] of Object.entries(LAYERS))
  await describeLayer(className, {
    fromConfig: (config) => layerFromConfig(className, config),
    withOptions: make,
    cases: [
      {
        label: 'images',
        make: () => make(className === 'SpatialDropout2D' ? { seed: 3 } : undefined),
        input: { shape: [3, 4, 2] },
        below: () => [new Dense(3, { activation: 'tanh' })],
        // The largest of many values hardly differ, and two layers after them flatten what is left.
        above: () => [
          ...(output.length > 1 ? [new Flatten()] : []),
          ...(className === 'GlobalMaxPooling2D' ? [] : [new Dense(3, { activation: 'tanh' })]),
          new Dense(1),
        ],
        output,
        weights: {},
      },
    ],
    badValues,
    badInputs: [[4], [4, 2]],
  });
