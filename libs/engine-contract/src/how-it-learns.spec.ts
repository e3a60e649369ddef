import type { LabelledImages } from '@digits/data';
import { type Architecture, softmax, weightSpecs } from '@digits/model';
import { transformSync } from '@swc/core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { referenceEngine } from './reference-engine.ts';
import { backwardPass, forwardPass, type NamedValues } from './reference-network.ts';

/*
 * The numbers of docs/how-it-learns.md, calculated by hand. The page must show them, the library must compute them, and the
 * page's program must print what its comments say.
 */

const PAGE = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'how-it-learns.md'), 'utf8');

const ARCHITECTURE: Architecture = {
  inputShape: [1, 2, 1],
  layers: [
    { type: 'flatten', name: 'flatten' },
    { type: 'dense', name: 'hidden', units: 3, useBias: true },
    { type: 'relu', name: 'relu' },
    { type: 'dense', name: 'logits', units: 2, useBias: true },
  ],
};
const DATASET: LabelledImages = {
  images: Uint8Array.of(255, 0, 51, 255), // [2, 1, 2, 1]
  labels: Uint8Array.of(0, 1), // [2]
  count: 2,
  height: 1,
  width: 2,
  channels: 1,
  numClasses: 2,
};
const IMAGES = Float64Array.from(DATASET.images, (pixel) => pixel / 255);

/** Values of each weight as literals of the page. */
type Literals = Readonly<Record<string, string>>;

const WEIGHTS: Literals = {
  'hidden/kernel': '[[1, -1, 0.5], [0.5, 1, -1]]',
  'hidden/bias': '[0, 0.2, 0]',
  'logits/kernel': '[[1, -1], [0, 0.5], [0, 1]]',
  'logits/bias': '[0, 0]',
};
const OUTPUTS = [
  '[[1, 0], [0.2, 1]]',
  '[[1, -0.8, 0.5], [0.7, 1, -0.9]]',
  '[[1, 0, 0.5], [0.7, 1, 0]]',
  '[[1, -0.5], [0.7, -0.2]]',
];
const PROBABILITIES = '[[0.8176, 0.1824], [0.7109, 0.2891]]';
const IMAGE_LOSSES = [0.2014, 1.2412];
const LOSS = 0.7213;
const GRADIENTS: Literals = {
  'hidden/kernel': '[[-0.0402, -0.0355, 0.0912], [0.7109, -0.1777, 0]]',
  'hidden/bias': '[0.5285, -0.1777, 0.0912]',
  'logits/kernel': '[[0.1576, -0.1576], [0.3555, -0.3555], [-0.0456, 0.0456]]',
  'logits/bias': '[0.2643, -0.2643]',
};
/** Derivatives by the outputs of the layers `logits`, `relu` and `hidden`. */
const DS = '[[-0.0912, 0.0912], [0.3555, -0.3555]]';
const DA = '[[-0.1824, 0.0456, 0.0912], [0.7109, -0.1777, -0.3555]]';
const DZ = '[[-0.1824, 0, 0.0912], [0.7109, -0.1777, 0]]';
const NEW_WEIGHTS: Literals = {
  'hidden/kernel': '[[1.0201, -0.9822, 0.4544], [0.1445, 1.0889, -1]]',
  'hidden/bias': '[-0.2643, 0.2889, -0.0456]',
  'logits/kernel': '[[0.9212, -0.9212], [-0.1777, 0.6777], [0.0228, 0.9772]]',
  'logits/bias': '[-0.1321, 0.1321]',
};
const NEW_LOGITS = '[[0.5735, -0.1647], [-0.2644, 0.8551]]';
const NEW_LOSS = 0.3366;

/** Parses a literal of one or two dimensions into its values, row by row. */
function parse(literal: string): Float64Array {
  return Float64Array.from((JSON.parse(literal) as (number | number[])[]).flat());
}

/** Rounds to the four decimals of the page; never gives -0. */
function rounded(values: ArrayLike<number>): number[] {
  return Array.from(values, (value) => Number(value.toFixed(4)) + 0);
}

function startingWeights(): Map<string, Float64Array> {
  return new Map(Object.entries(WEIGHTS).map(([name, literal]) => [name, parse(literal)]));
}

function run(weights: NamedValues, images = IMAGES, labels = DATASET.labels) {
  const samples = Array.from(labels, (_, n) => n);
  const pass = forwardPass(ARCHITECTURE, weights, images, { seed: 1, epoch: 0, samples });
  return { outputs: pass.values.slice(1), ...backwardPass(ARCHITECTURE, weights, pass, labels, 0) };
}

/** Runs the network on one image of the batch. */
function runImage(n: number) {
  return run(startingWeights(), IMAGES.subarray(2 * n, 2 * n + 2), DATASET.labels.subarray(n, n + 1));
}

/** Returns the gradient of a bias per image: the derivative of the batch's loss by the output of that layer, `[n, units]`. */
function outputDerivatives(bias: string): number[] {
  return [0, 1].flatMap((n) => {
    const { gradients } = runImage(n);
    return Array.from(gradients.get(bias) ?? [], (gradient) => gradient / 2); // The loss is a mean over two images.
  });
}

/** Returns the loss with another value for one element of `hidden/kernel`. */
function lossWith(index: number, value: number): number {
  const weights = startingWeights();
  weights.set('hidden/kernel', parse(WEIGHTS['hidden/kernel']).fill(value, index, index + 1));
  return run(weights).loss;
}

/** Takes the page's step with the reference engine. */
async function trainOneStep() {
  const session = await referenceEngine.createTrainingSession(
    ARCHITECTURE,
    {
      seed: 1,
      batchSize: 2,
      optimizer: { type: 'sgd', momentum: 0.9, nesterov: false },
      labelSmoothing: 0,
      averageWeights: false,
      augmentation: null,
      initialWeights: weightSpecs(ARCHITECTURE).map(({ name, shape }) => ({
        name,
        shape,
        values: Float32Array.from(parse(WEIGHTS[name])),
      })),
    },
    DATASET,
  );
  const report = await session.trainSteps({
    epoch: 0,
    firstStep: 0,
    samples: Uint32Array.of(0, 1),
    batchSizes: Uint32Array.of(2),
    learningRates: Float32Array.of(0.5),
    averageDecays: Float32Array.of(0),
  });
  const logits = await session.evaluate(DATASET.images, 'current');
  const state = await session.getState();
  await session.dispose();
  return { report, logits, state };
}

/** Runs the page's program and returns the lines that it prints. */
function runProgram(program: string): string[] {
  const { code } = transformSync(program, {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  });
  const lines: string[] = [];
  const main = compileFunction(code, ['exports', 'require', 'console']) as (...globals: unknown[]) => void;
  main({}, () => ({ backwardPass, forwardPass }), { log: (line: string) => lines.push(line) });
  return lines;
}

describe('docs/how-it-learns.md', () => {
  it('shows the numbers of this file', () => {
    const groups = [WEIGHTS, GRADIENTS, NEW_WEIGHTS].flatMap((group) => Object.values(group));
    for (const literal of [...groups, ...OUTPUTS, PROBABILITIES, DS, DA, DZ, NEW_LOGITS]) {
      expect(PAGE).toContain(`\`${literal}\``);
    }
    expect(PAGE).toContain(`(${IMAGE_LOSSES.join(' + ')}) / 2 = ${LOSS}`);
    expect(PAGE).toContain(`from ${LOSS} to ${NEW_LOSS}`);
  });

  it('has the outputs of forwardPass, and the probabilities', () => {
    const { outputs } = run(startingWeights());

    expect(outputs.map(rounded)).toEqual(OUTPUTS.map((literal) => rounded(parse(literal))));
    expect(rounded(softmax(Float32Array.from(outputs[3]), 2))).toEqual(rounded(parse(PROBABILITIES)));
  });

  it('has the loss and the gradients of backwardPass', () => {
    const { loss, numCorrect, gradients } = run(startingWeights());

    expect(rounded([0, 1].map((n) => runImage(n).loss))).toEqual(IMAGE_LOSSES);
    expect(rounded([loss])).toEqual([LOSS]);
    expect(numCorrect).toBe(1);
    expect(gradients.size).toBe(4);
    for (const [name, gradient] of gradients) expect(rounded(gradient)).toEqual(rounded(parse(GRADIENTS[name])));
  });

  it('has the derivatives between the layers', () => {
    const ds = outputDerivatives('logits/bias'); // [2, 2]
    const w2 = parse(WEIGHTS['logits/kernel']); // [3, 2]
    const da = [0, 1].flatMap((n) => [0, 1, 2].map((h) => ds[2 * n] * w2[2 * h] + ds[2 * n + 1] * w2[2 * h + 1]));

    expect(rounded(ds)).toEqual(rounded(parse(DS)));
    expect(rounded(da)).toEqual(rounded(parse(DA)));
    expect(rounded(outputDerivatives('hidden/bias'))).toEqual(rounded(parse(DZ)));
  });

  it('has a gradient that agrees with the difference of two losses', () => {
    const index = 3; // W1[1][0]

    expect(rounded([(lossWith(index, 0.501) - lossWith(index, 0.499)) / 0.002])).toEqual([0.7109]);
  });

  it('has the step of the reference engine', async () => {
    const { report, logits, state } = await trainOneStep();

    expect(rounded(report.losses)).toEqual([LOSS]);
    for (const { name, values } of state.weights) expect(rounded(values)).toEqual(rounded(parse(NEW_WEIGHTS[name])));
    for (const { name, values } of state.optimizer) {
      expect(rounded(values)).toEqual(rounded(parse(GRADIENTS[name.replace('momentum/', '')])));
    }
    expect(rounded(logits)).toEqual(rounded(parse(NEW_LOGITS)));
  });

  it('has a program that prints what its comments say', () => {
    const program = /^```ts\n(.*?)^```$/ms.exec(PAGE)?.[1] ?? '';
    const comments = Array.from(program.matchAll(/^\/\/ (.*)$/gm), ([, text]) => text);

    expect(runProgram(program)).toEqual(comments);
    expect(comments.at(-1)).toBe(`loss ${NEW_LOSS}, 2 of 2 correct`);
  });
});
