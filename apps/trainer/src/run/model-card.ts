import { writeFileSafely } from '@digits/model/node';
import { join } from 'node:path';
import {
  type AnyModel,
  countParameters,
  describeArchitecture,
  isPixelModel,
  type Model,
  numClassesOf,
} from '@digits/model';

/** Name of the file beside a model's own that describes it. */
const MODEL_CARD_FILE = 'README.md';

/** Writes the card of a model into its folder. */
export async function writeModelCard(folder: string, model: AnyModel): Promise<void> {
  await writeFileSafely(join(folder, MODEL_CARD_FILE), modelCard(model));
}

/**
 * Writes a model card: what the model is, its figures and how to use it, with the metadata that Hugging Face reads from the top of it.
 *
 * @param name of the model; by default that of its preset
 * @see https://huggingface.co/docs/hub/model-cards
 */
export function modelCard(model: AnyModel, name = model.metadata.preset ?? 'digits'): string {
  return `---
${cardMetadata(model, name)}
---

# ${inline(name)}

${describeModel(model)}

## Use

The folder holds \`model.json\` and \`weights.bin\` in TensorFlow.js' layers format. \`npm run predict -- --model DIR\` reads images with it,
\`npm run api -- --model DIR\` serves it, and \`npm run export\` writes it for ONNX, Keras and PyTorch.

## Network

\`\`\`
${describeArchitecture(model.architecture)}
\`\`\`

SHA-256 of the float32 weights: \`${model.metadata.weightsSha256}\`.
`;
}

/** YAML of which JSON is a part: every value is written as JSON. */
function cardMetadata(model: AnyModel, name: string): string {
  const task = isPixelModel(model) ? 'image-segmentation' : 'image-classification';
  const results = isPixelModel(model) ? [] : resultsOf(model);
  const lines = [
    'library_name: digits',
    `pipeline_tag: ${task}`,
    'tags:',
    ...[task, 'tensorflowjs', 'onnx'].map((tag) => `  - ${tag}`),
    ...(results.length === 0 ? [] : ['model-index:', `  - name: ${JSON.stringify(name)}`, '    results:', ...results]),
  ];
  return lines.join('\n');
}

/** Figures on the test split, as a list entry of `model-index`. */
function resultsOf({ metadata }: Model): string[] {
  const { testMetrics, dataset } = metadata;
  if (testMetrics === null) return [];
  const source = dataset?.name ?? 'unknown';
  const metrics = [
    ['accuracy', 'Accuracy', testMetrics.accuracy],
    ['f1', 'F1, mean over classes', testMetrics.macro.f1],
    ['log_loss', 'Log loss', testMetrics.logLoss],
    ['expected_calibration_error', 'Calibration error', testMetrics.ece],
  ] as const;
  return [
    '      - task:',
    '          type: image-classification',
    '          name: Image Classification',
    '        dataset:',
    `          name: ${JSON.stringify(source)}`,
    `          type: ${JSON.stringify(baseName(source))}`,
    `          split: ${testMetrics.split}`,
    '        metrics:',
    ...metrics.flatMap(([type, label, value]) => [
      `          - type: ${type}`,
      `            name: ${JSON.stringify(label)}`,
      `            value: ${value}`,
    ]),
  ];
}

/** The last part of a path. */
function baseName(path: string): string {
  return (
    path
      .split(/[\\/]/)
      .filter((part) => part !== '')
      .at(-1) ?? path
  );
}

function describeModel(model: AnyModel): string {
  const { architecture, metadata } = model;
  const [height, width, channels] = architecture.inputShape;
  const size = `${height}x${width} with ${channels} ${channels === 1 ? 'channel' : 'channels'}`;
  const parameters = countParameters(architecture).total.toLocaleString('en');
  if (isPixelModel(model)) {
    return `Gives for each pixel of an image of ${size} the probabilities of: ${model.metadata.channels.map(inline).join(', ')}. ${parameters} parameters.`;
  }
  const { classNames, dataset, testMetrics } = model.metadata;
  const further =
    numClassesOf(architecture) > classNames.length ? ' A further output stands for images that are none of these.' : '';
  const lines = [
    `Classifies images of ${size}, white on black, as one of ${classNames.length} classes: ${classNames.map(inline).join(', ')}.${further} ${parameters} parameters.`,
  ];
  if (dataset !== null)
    lines.push(`Trained on ${inline(dataset.name)} (SHA-256 \`${dataset.sha256}\`)${seedOf(metadata)}.`);
  if (testMetrics !== null) {
    const [low, high] = testMetrics.accuracyInterval;
    lines.push(
      `| figure | ${testMetrics.split} split, ${testMetrics.count} images |\n| --- | --- |\n` +
        `| accuracy (95% interval) | ${percent(testMetrics.accuracy)} (${percent(low)} to ${percent(high)}) |\n` +
        `| F1, mean over classes | ${testMetrics.macro.f1.toFixed(4)} |\n` +
        `| log loss | ${testMetrics.logLoss.toFixed(4)} |\n` +
        `| calibration error | ${testMetrics.ece.toFixed(4)} |`,
    );
  }
  return lines.join('\n\n');
}

function seedOf({ seed }: { readonly seed: number | null }): string {
  return seed === null ? '' : ` with seed ${seed}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`;
}

/** Text from a model's file within a line of Markdown. */
function inline(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>#|]/g, '\\$&');
}
