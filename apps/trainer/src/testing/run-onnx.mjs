/**
 * Runs an ONNX model with onnxruntime-node, which is installed under tools/bench alone (it is 288 MB and native):
 * `node run-onnx.mjs MODEL IMAGES COUNT` prints the outputs as JSON. Images are raw float32, [COUNT, 28, 28, 1]. Exit code 3: not installed.
 *
 * A process of its own, since Jest's globals are not those that the native code checks arrays against.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [model, images, count] = process.argv.slice(2);
const require = createRequire(new URL('../../../../tools/bench/package.json', import.meta.url));
let runtime;
try {
  runtime = require('onnxruntime-node');
} catch {
  process.exit(3);
}
const bytes = readFileSync(images);
const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
const session = await runtime.InferenceSession.create(model, { logSeverityLevel: 3 });
const outputs = await session.run({ images: new runtime.Tensor('float32', values, [Number(count), 28, 28, 1]) });
const shown = Object.entries(outputs).map(([name, { data, dims }]) => [name, { dims, data: Array.from(data) }]);
process.stdout.write(JSON.stringify(Object.fromEntries(shown)));
