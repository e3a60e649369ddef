import { type Architecture, type Layer, shapeSize, weightSpecs } from '@digits/model';
import { createSimdEngine } from '../node.ts';

/** Values in [-0.5, 0.5) without a pattern. */
function scattered(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => ((i * 2654435761) % 4294967296) / 4294967296 - 0.5);
}

describe('compileInference', () => {
  const relu: Layer = { type: 'relu', name: 'relu' };
  const dropout: Layer = { type: 'dropout', name: 'dropout', rate: 0.5 };
  it.each([
    ['no layer without work', [relu]],
    ['one', [relu, { type: 'flatten', name: 'flatten' }]],
    ['two', [relu, { type: 'flatten', name: 'flatten' }, dropout]],
  ] as [string, Layer[]][])(
    'keeps the input of a layer whole while it is read, with %s before it',
    async (_, before) => {
      const flat = before.some(({ type }) => type === 'flatten');
      const layers: Layer[] = [
        ...before,
        ...(flat ? [] : [{ type: 'globalAveragePooling2d', name: 'mean' } as const]),
        { type: 'dense', name: 'logits', units: 20, useBias: false },
      ];
      const architecture: Architecture = { inputShape: [3, 3, 8], layers };
      const [kernel] = weightSpecs(architecture).map(({ name, shape }) => ({
        name,
        shape,
        values: scattered(shapeSize(shape)),
      }));
      const predictor = await createSimdEngine({ threads: 1 }).createPredictor(architecture, [kernel]);
      const image = scattered(72);
      const activations = await predictor.activations(image);
      const input = activations[activations.length - 2].values;
      const expected = Array.from({ length: 20 }, (_, unit) =>
        input.reduce((sum, value, i) => sum + value * kernel.values[i * 20 + unit], 0),
      );
      Array.from(await predictor.predict(image)).forEach((logit, unit) => {
        expect(logit).toBeCloseTo(expected[unit], 5);
      });
      await predictor.dispose();
    },
  );
});
