import type { Activation } from '../../layers/activation.ts';
import type { Dense } from '../../layers/dense.ts';
import type { ElementwiseLayer } from '../../layers/elementwiseLayer.ts';
import type { Embedding } from '../../layers/embedding.ts';
import { input as inputOf } from '../../layers/expression.ts';
import type { Masking } from '../../layers/masking.ts';
import type { OneHot } from '../../layers/oneHot.ts';
import type { PReLU } from '../../layers/pReLU.ts';
import type { Softmax } from '../../layers/softmax.ts';
import type { NamedArray } from '../../model/modelState.ts';
import { Floats, type Written } from './graphWriter.ts';
import { activationOf, asIds, floatInput, type LayerUse, maskLike, weightsOf } from './layerUse.ts';
import { callFunction } from './maskFunctions.ts';
import { writeActivation, writeExpression } from './writeActivation.ts';

/** The scores of masked steps: their exponential is 0 beside any other. */
const MASKED = -1e9;

/** A layer that computes nothing in prediction. */
export function writeNothing({ inputs }: LayerUse): readonly Written[] {
  return [inputs[0] as Written];
}

export function writeDense(use: LayerUse<Dense>): readonly Written[] {
  const { layer, graph, path } = use;
  const input = floatInput(use);
  const { kernel, bias } = weightsOf(use);
  const weight = graph.weight(kernel as NamedArray);
  const dense = () => {
    if (input.shape.length === 1)
      return graph.node('Gemm', [input.name, weight, bias ? graph.weight(bias) : ''], {}, { as: `${path}/Gemm` });
    const product = graph.node('MatMul', [input.name, weight], {}, { as: `${path}/MatMul` });
    return bias ? graph.node('Add', [product, graph.weight(bias)], {}, { as: `${path}/Add` }) : product;
  };
  const name = writeActivation(graph, activationOf(layer, layer.activation), dense(), path);
  return [{ ...input, name, shape: [...input.shape.slice(0, -1), layer.units] }];
}

export function writeEmbedding(use: LayerUse<Embedding>): readonly Written[] {
  const { layer, graph, path } = use;
  const ids = asIds(graph, use.inputs[0] as Written);
  const { embeddings } = weightsOf(use);
  const name = graph.node('Gather', [graph.weight(embeddings as NamedArray), ids.name], { axis: 0 }, { as: `${path}/Gather` });
  // An id counts where it is not 0.
  const mask = layer.maskZero ? graph.cast(ids.name, 'bool') : ids.mask;
  return [{ name, shape: [...ids.shape, layer.outputDim], type: 'float', mask }];
}

export function writeOneHot({ layer, graph, path, inputs }: LayerUse<OneHot>): readonly Written[] {
  const ids = asIds(graph, inputs[0] as Written);
  const values = graph.array('zero_and_one', [2], () => [0, 1]);
  const name = graph.node('OneHot', [ids.name, graph.ints(layer.depth), values], { axis: -1 }, { as: `${path}/OneHot` });
  return [{ name, shape: [...ids.shape, layer.depth], type: 'float', mask: null }];
}

export function writeMasking(use: LayerUse<Masking>): readonly Written[] {
  const { layer, graph, path } = use;
  const input = floatInput(use);
  const [name, mask] = callFunction(graph, 'Masking', [input.name], path, { mask_value: new Floats(layer.maskValue) });
  return [{ ...input, name: name as string, mask: mask as string }];
}

export function writeActivationLayer(use: LayerUse<Activation>): readonly Written[] {
  const input = floatInput(use);
  return [{ ...input, name: writeActivation(use.graph, activationOf(use.layer, use.layer.activation), input.name, use.path) }];
}

/** Writes a layer that computes each element by itself. */
export function writeElementwiseLayer(use: LayerUse<ElementwiseLayer>): readonly Written[] {
  const input = floatInput(use);
  return [{ ...input, name: writeExpression(use.graph, use.layer.formula(inputOf(0)), [input.name], use.path) }];
}

export function writePReLU(use: LayerUse<PReLU>): readonly Written[] {
  const input = floatInput(use);
  const { alpha } = weightsOf(use);
  return [
    { ...input, name: use.graph.node('PRelu', [input.name, use.graph.weight(alpha as NamedArray)], {}, { as: `${use.path}/PRelu` }) },
  ];
}

export function writeSoftmax(use: LayerUse<Softmax>): readonly Written[] {
  const { layer, graph, path } = use;
  const input = floatInput(use);
  const { length } = input.shape;
  const axis = layer.axis < 0 ? length + 1 + layer.axis : layer.axis;
  const mask = axis === 1 && length > 1 ? maskLike(graph, input) : null;
  const keep = (name: string, otherwise: number) => (mask === null ? name : graph.node('Where', [mask, name, graph.float(otherwise)]));
  const softmax = graph.node('Softmax', [keep(input.name, MASKED)], { axis }, { as: `${path}/Softmax` });
  return [{ ...input, name: keep(softmax, 0) }];
}
