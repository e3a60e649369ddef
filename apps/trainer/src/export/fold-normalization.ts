import { type Architecture, type Layer, type NamedTensor, skipSource, type Weights } from '@digits/model';

/** An architecture and its weights. */
interface Network {
  readonly architecture: Architecture;
  readonly weights: Weights;
}

/**
 * Folds each batch normalisation into the convolution or dense layer right before it, for inference: the same outputs, fewer layers. One
 * that is elsewhere, or whose input is used by a later layer too, stays.
 */
export function foldNormalization({ architecture, weights }: Network): Network {
  const byName = new Map(weights.map((tensor) => [tensor.name, tensor]));
  const sources = new Set(architecture.layers.map(skipSource));
  const layers: Layer[] = [];
  const folded: NamedTensor[] = [];
  const renamed = new Map<string, string>();
  architecture.layers.forEach((layer) => {
    const before = layers.at(-1);
    const isMatrix = before?.type === 'conv2d' || before?.type === 'dense';
    if (layer.type === 'batchNormalization' && isMatrix && !sources.has(before.name)) {
      const { scale, shift } = affineOf(layer, byName);
      const kernel = tensorOf(byName, `${before.name}/kernel`);
      const bias = before.useBias ? tensorOf(byName, `${before.name}/bias`).values : new Float32Array(scale.length);
      byName.set(kernel.name, { ...kernel, values: kernel.values.map((value, i) => value * scale[i % scale.length]) });
      const name = `${before.name}/bias`;
      const values = bias.map((value, i) => value * scale[i] + shift[i]);
      byName.set(name, { name, shape: [scale.length], values });
      layers[layers.length - 1] = { ...before, useBias: true };
      renamed.set(layer.name, before.name);
      return;
    }
    const from = layer.type === 'add' ? { from: renamed.get(layer.from) ?? layer.from } : {};
    layers.push({ ...layer, ...from });
  });
  for (const { name } of layers) {
    for (const [key, tensor] of byName) if (key.startsWith(`${name}/`)) folded.push(tensor);
  }
  return { architecture: { ...architecture, layers }, weights: folded };
}

/** What a batch normalisation multiplies each channel by and adds to it. */
function affineOf(
  { name, epsilon }: Extract<Layer, { type: 'batchNormalization' }>,
  byName: ReadonlyMap<string, NamedTensor>,
) {
  const [gamma, beta, mean, variance] = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map(
    (role) => tensorOf(byName, `${name}/${role}`).values,
  );
  const scale = Float64Array.from(gamma, (value, i) => value / Math.sqrt(variance[i] + epsilon));
  const shift = Float64Array.from(beta, (value, i) => value - mean[i] * scale[i]);
  return { scale, shift };
}

function tensorOf(byName: ReadonlyMap<string, NamedTensor>, name: string): NamedTensor {
  const tensor = byName.get(name);
  if (tensor === undefined) throw new Error(`foldNormalization: weights must hold ${name}, got none`);
  return tensor;
}
