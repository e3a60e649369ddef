import { createModel } from '@digits/model';
import { saveModel } from '@digits/model/node';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Task } from '../protocol.ts';
import { readWeights } from './task-data.ts';

const TRAINER = fileURLToPath(new URL('../../../../apps/trainer/dist/main.js', import.meta.url));

/**
 * Writes a task's network as `npm run export` does.
 *
 * @returns the bytes of the ONNX file
 * @throws Error when the trainer is not built, or refuses the model
 */
export async function exportOnnx(task: Task): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'digits-bench-'));
  try {
    const [modelDir, file] = [join(folder, 'model'), join(folder, 'model.onnx')];
    await saveModel(modelDir, createModel(task.architecture, readWeights(task)));
    const args = [TRAINER, 'export', '--model', modelDir, '--format', 'onnx', '--out', file];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) {
      throw new Error(`exportOnnx: the trainer must write the model, but it ended with ${stderr}; is it built?`);
    }
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
