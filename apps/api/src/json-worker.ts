/** Worker that parses large JSON with tensors, to keep the main thread free. */
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { BufferGarbage } from './service/garbage.ts';
import { type JsonResult, type JsonTask, readTensorJson } from './inference/tensor-json.ts';

const garbage = new BufferGarbage();

/** Parses one body; its images are moved to the main thread, not copied. */
export function parse(task: JsonTask): JsonResult {
  const result = readTensorJson(task);
  garbage.add(task.bytes.length, 0);
  if ('refused' in result || result.images === null) return result;
  const { buffer } = result.images;
  return move({ [transferableSymbol]: buffer, [valueSymbol]: result }) as unknown as JsonResult;
}
