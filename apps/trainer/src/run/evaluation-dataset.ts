import type { ModelMetadata } from '@digits/model';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../command-line.ts';

/**
 * Chooses the data set that a model is evaluated on.
 *
 * @param asked value of `--dataset`; undefined for the data set that the model was trained on
 * @returns `mnist` or an absolute path
 * @throws UsageError if the model does not know its data set; Error if that is not where it was
 */
export function evaluationSource(asked: string | undefined, { dataset }: Pick<ModelMetadata, 'dataset'>): string {
  if (asked !== undefined) return asked === 'mnist' ? asked : resolve(asked);
  if (dataset === null) {
    throw new UsageError('evaluate: --dataset must be given for a model that does not know what it was trained on');
  }
  const { name, sha256 } = dataset;
  if (name === 'mnist' || existsSync(name)) return name;
  throw new Error(
    `evaluate: --dataset must be given, because the data set that the model was trained on is no longer at ${name} (SHA-256 ${shorten(sha256)})`,
  );
}

/**
 * Says how the evaluated data set differs from the one that the model was trained on.
 *
 * @param source as {@link evaluationSource} gives it
 * @param checksum SHA-256 of the evaluated data set
 * @returns one line; null if it is the same in the same place, or nothing is known
 */
export function describeDatasetChange(
  source: string,
  checksum: string,
  { dataset }: Pick<ModelMetadata, 'dataset'>,
): string | null {
  if (dataset === null) return null;
  const { name, sha256 } = dataset;
  if (checksum === sha256) {
    return source === name ? null : `This is the data set that the model was trained on, which was ${name} then.`;
  }
  const then = `SHA-256 ${shorten(sha256)}`;
  return source === name
    ? `The data set has changed since the model was trained on it: it had ${then} and has ${shorten(checksum)} now.`
    : `This is another data set than the one that the model was trained on: ${name} (${then}).`;
}

function shorten(sha256: string): string {
  return sha256.slice(0, 12);
}
