import { loadSplit } from '@digits/data/node';
import type { Architecture } from '@digits/model';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kind } from './protocol.ts';
import type { Course } from './race.ts';
import { writeTaskFiles } from './task-files.ts';

/** Makes the course of a kind of work for a network and a batch size. */
export type MakeCourse = (kind: Kind, architecture: Architecture, batchSize: number) => Course;

/** The same for everybody. No distortion of the images, no averaged weights: not every contestant has them. */
const SETTINGS = {
  optimizer: { type: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0.01 },
  learningRate: 1e-3,
  labelSmoothing: 0.05,
} as const;

/**
 * Lends the training images of MNIST and networks' initial weights, in files, for as long as `use` runs.
 *
 * @param use is given what makes courses
 */
export async function withCourses<T>(use: (makeCourse: MakeCourse) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'digits-bench-'));
  try {
    const filesFor = writeTaskFiles(folder, await loadSplit('mnist', 'train'));
    return await use((kind, architecture, batchSize) => {
      return { kind, architecture, batchSize, files: filesFor(architecture), ...SETTINGS };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
