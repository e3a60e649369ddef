/**
 * Runs ONNX models with onnxruntime-node, which is installed under tools/bench alone (it is 288 MB and native):
 * `node run-onnx.mjs MODEL IMAGES SHAPE ...`, any number of such three, prints an array of their outputs as JSON. Images are raw float32,
 * their shape is written as 20,28,28,1. Exit code 3: not installed.
 *
 * A process of its own, since Jest's globals are not those that the native code checks arrays against.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../../tools/bench/package.json', import.meta.url));
let runtime;
try {
  runtime = require('onnxruntime-node');
} catch {
  process.exit(3);
}

async function run(model, images, shape) {
  const bytes = readFileSync(images);
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const session = await runtime.InferenceSession.create(model, { logSeverityLevel: 3 });
  const outputs = await session.run({ images: new runtime.Tensor('float32', values, shape.split(',').map(Number)) });
  await session.release();
  const shown = Object.entries(outputs).map(([name, { data, dims }]) => [name, { dims, data: Array.from(data) }]);
  return Object.fromEntries(shown);
}

const results = [];
const asked = process.argv.slice(2);
for (let i = 0; i < asked.length; i += 3) results.push(await run(asked[i], asked[i + 1], asked[i + 2]));
process.stdout.write(JSON.stringify(results));
