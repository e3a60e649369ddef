import { createModel, evaluateProbabilities, initialWeights, presetConfig } from '@digits/model';
import { modelCard } from './model-card.ts';

const { architecture } = presetConfig('mlp', { numClasses: 2 });
const classNames = ['cat | "dog"', 'line\n---\nbreak'];

function modelWith(name: string) {
  // Two of three answers are right.
  const testMetrics = evaluateProbabilities(
    Uint8Array.of(0, 1, 1),
    Float64Array.of(0.9, 0.1, 0.2, 0.8, 0.6, 0.4),
    classNames,
    'test',
  );
  const facts = { preset: 'mlp', seed: 7, classNames, testMetrics, dataset: { name, sha256: 'a'.repeat(64) } };
  return createModel(architecture, initialWeights(architecture, 1), facts);
}

describe('modelCard', () => {
  it("begins with Hugging Face's metadata: task, data set and figures", () => {
    const [, yaml] = modelCard(modelWith('/data/my "pets"'), 'pets: v1').split('---\n');
    expect(yaml).toContain('pipeline_tag: image-classification\n');
    expect(yaml).toContain(`model-index:
  - name: "pets: v1"
    results:
      - task:
          type: image-classification
          name: Image Classification
        dataset:
          name: "/data/my \\"pets\\""
          type: "my \\"pets\\""
          split: test
        metrics:
          - type: accuracy
            name: "Accuracy"
            value: ${2 / 3}
`);
  });

  it('lets no class name or data set change its structure', () => {
    const card = modelCard(modelWith('a\n---\nlicense: evil'));
    expect(card.split('\n').filter((line) => line === '---')).toHaveLength(2);
    expect(card).not.toMatch(/^license/m);
    expect(card).toContain('cat \\| "dog", line --- break');
  });

  it('has no model-index without figures', () => {
    expect(modelCard(createModel(architecture, initialWeights(architecture, 1)))).not.toContain('model-index');
  });
});
