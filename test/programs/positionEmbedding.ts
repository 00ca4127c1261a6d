import { CustomLayer, ops, registerClass, type SampleShape, type SymbolicTensor, type Weight } from '../../ts/index.ts';

/** Adds a learned vector to each place of a sequence. */
export class PositionEmbedding extends CustomLayer {
  static className = 'PositionEmbedding';
  #positions!: Weight;

  override build(inputShape: SampleShape) {
    this.#positions = this.addWeight({ name: 'positions', shape: inputShape as readonly number[] });
  }

  override call(input: SymbolicTensor) {
    return ops.add(input, this.#positions);
  }

  override computeMask(_input: SymbolicTensor, mask: SymbolicTensor | null) {
    return mask;
  }
}

registerClass(PositionEmbedding);
