import { type Shape, shapeSize } from '@digits/model';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = join(__dirname, 'run-onnx.mjs');

/** One output of a network in onnxruntime. */
interface Output {
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

/** The outputs of an exported network. */
export interface Outputs {
  readonly probabilities: Output;
  readonly logits: Output;
}

/** The bytes of an exported network, and the images that it is given. */
interface OnnxRun {
  readonly onnx: Uint8Array;
  readonly inputShape: Shape;
  readonly images: Float32Array;
}

/** Runs networks in onnxruntime; null where onnxruntime-node is not installed. */
export async function runOnnx(runs: readonly OnnxRun[]): Promise<readonly Outputs[] | null> {
  const folder = await mkdtemp(join(tmpdir(), 'digits-onnx-'));
  try {
    const files = runs.map(async ({ onnx, inputShape, images }, i) => {
      const [modelFile, imageFile] = [join(folder, `model-${i}.onnx`), join(folder, `images-${i}.bin`)];
      await writeFile(modelFile, onnx);
      await writeFile(imageFile, Buffer.from(images.buffer, images.byteOffset, images.byteLength));
      return [modelFile, imageFile, [images.length / shapeSize(inputShape), ...inputShape].join(',')];
    });
    const asked = (await Promise.all(files)).flat();
    const run = spawnSync(process.execPath, [SCRIPT, ...asked], { encoding: 'utf8', maxBuffer: 2 ** 26 });
    if (run.status === 3) return skip();
    if (run.status !== 0) throw new Error(run.stderr);
    return JSON.parse(run.stdout) as Outputs[];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function skip(): null {
  const line = 'onnxruntime-node must be installed to check exported models (npm ci --prefix tools/bench), got none';
  if (process.env.CI !== undefined && process.env.CI !== '') throw new Error(line);
  process.stderr.write(`skipped: ${line}\n`);
  return null;
}
