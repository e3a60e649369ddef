import { type Architecture, inferShapes } from '../network/architecture.ts';
import { type Layer, layerWeights, outputShape, type WeightRole } from '../network/layers.ts';
import { type Shape, shapeSize, showShape } from '../network/shapes.ts';
import type { NamedTensor, Weights } from '../network/weights.ts';

/** A network that was read from another framework's file. */
export interface ImportedNetwork {
  readonly architecture: Architecture;
  readonly weights: Weights;
  /** What the logits are divided by before the softmax. */
  readonly temperature: number;
}

/** A layer without its name, which the builder gives. */
export type Unnamed<Each = Layer> = Each extends Layer ? Omit<Each, 'name'> : never;

/** Values of a layer's weights by role. */
export type WeightValues = Partial<Readonly<Record<WeightRole, Float32Array>>>;

const MAX_NAME = 56;

/** Puts layers together one after the other, and knows the shape of what comes out. */
export class NetworkBuilder {
  readonly #inputShape: readonly [number, number, number];
  readonly #layers: Layer[] = [];
  readonly #weights: NamedTensor[] = [];
  readonly #names = new Set(['input', 'temperature', 'softmax', 'sigmoid']);
  #shape: Shape;
  /** What the logits are divided by before the softmax. */
  temperature = 1;

  constructor(inputShape: readonly [number, number, number]) {
    this.#inputShape = inputShape;
    this.#shape = inputShape;
  }

  /** Shape of what the last layer gives, channels last. */
  get shape(): Shape {
    return this.#shape;
  }

  /** Type of the last layer; null for none. */
  get lastType(): Layer['type'] | null {
    return this.#layers.at(-1)?.type ?? null;
  }

  /**
   * Adds a layer.
   *
   * @param name of the source's layer; one that is taken or not allowed is changed
   * @param values of its weights, in our layout; none for a layer without weights
   * @throws RangeError if the layer cannot take its input, or a weight has another size
   */
  add(name: string, settings: Unnamed, values: WeightValues = {}): void {
    const layer = { ...settings, name: this.#freeName(name) } as Layer;
    const input = this.#shape;
    this.#shape = outputShape(layer, this.#layers.length, input, new Map());
    this.#layers.push(layer);
    for (const [role, shape] of layerWeights(layer, input)) {
      const own = values[role];
      if (own?.length !== shapeSize(shape)) {
        throw new RangeError(
          `importModel: ${role} of "${name}" must have ${shapeSize(shape)} values ${showShape(shape)}, got ${own?.length ?? 'none'}`,
        );
      }
      const strange = own.find((value) => !Number.isFinite(value));
      if (strange !== undefined) {
        throw new RangeError(`importModel: ${role} of "${name}" must have finite values, got ${strange}`);
      }
      this.#weights.push({ name: `${layer.name}/${role}`, shape, values: own });
    }
  }

  /** Adds a bias to the last layer if it multiplies matrices and has none; returns whether it does. */
  addBias(bias: Float32Array): boolean {
    const last = this.#layers.at(-1);
    if ((last?.type !== 'conv2d' && last?.type !== 'dense') || last.useBias) return false;
    if (bias.length !== this.#shape[this.#shape.length - 1]) return false;
    this.#layers[this.#layers.length - 1] = { ...last, useBias: true };
    this.#weights.push({ name: `${last.name}/bias`, shape: [bias.length], values: bias });
    return true;
  }

  /** Ends the network; vectors that no dense layer gives pass one that leaves them as they are, because logits are those of a dense layer. */
  finish(): ImportedNetwork {
    if (this.#shape.length === 3) {
      throw new RangeError(
        `importModel: the network must give a vector with a value for each class, got images ${showShape(this.#shape)}`,
      );
    }
    if (this.lastType !== 'dense') {
      const [units] = this.#shape;
      const kernel = Float32Array.from({ length: units * units }, (_, i) => (i % (units + 1) === 0 ? 1 : 0));
      this.add('logits', { type: 'dense', units, useBias: false }, { kernel });
    }
    const architecture = { inputShape: this.#inputShape, layers: this.#layers };
    inferShapes(architecture);
    return { architecture, weights: this.#weights, temperature: this.temperature };
  }

  #freeName(given: string): string {
    const plain = given
      .replaceAll(/[^A-Za-z0-9_-]+/g, '_')
      .replace(/^[^A-Za-z]+/, '')
      .slice(0, MAX_NAME);
    const base = plain === '' ? 'layer' : plain;
    let name = base;
    for (let i = 2; this.#names.has(name); i++) name = `${base}_${i}`;
    this.#names.add(name);
    return name;
  }
}

/**
 * Spreads the kernel of a convolution by groups over all input channels: outputs of other groups get zeros, so the sums are the same.
 *
 * @param at finds the value of a place in the window, an output channel, and an input channel counted within the group
 * @returns `[places, numIn, numOut]`
 */
export function spreadGroups(
  { places, numIn, numOut, groups }: { places: number; numIn: number; numOut: number; groups: number },
  at: (place: number, output: number, inputOfGroup: number) => number,
): Float32Array {
  const kernel = new Float32Array(places * numIn * numOut);
  const [inPerGroup, outPerGroup] = [numIn / groups, numOut / groups];
  for (let place = 0; place < places; place++) {
    for (let output = 0; output < numOut; output++) {
      const first = Math.floor(output / outPerGroup) * inPerGroup;
      for (let i = 0; i < inPerGroup; i++) {
        kernel[(place * numIn + first + i) * numOut + output] = at(place, output, i);
      }
    }
  }
  return kernel;
}

/** Makes the error for what cannot be read, naming the layer. */
export function unsupported(layer: string, got: string, advice: string): RangeError {
  return new RangeError(`importModel: ${layer} must be one that can be read, got ${got}; ${advice}`);
}
