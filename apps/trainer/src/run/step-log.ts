import type { StepPlan, StepReport } from '@digits/model';
import { writeFileSafely } from '@digits/model/node';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { parseJson } from '../json.ts';
import { appendLines, linesOf } from './run-folder.ts';

const stepSummary = v.object({
  /** Last of the steps, counted from 1 over all epochs. */
  step: v.number(),
  /** Epochs that these steps complete, a fraction: the step divided by the steps per epoch. */
  epoch: v.number(),
  /** Mean training loss over the images of the steps since the line before. */
  loss: v.number(),
  /** Learning rate of the last of the steps. */
  learningRate: v.number(),
});

/** Loss of a few consecutive steps: one line of `steps.jsonl`. */
export type StepSummary = Readonly<v.InferOutput<typeof stepSummary>>;

/** Losses by step, in a file of a run folder. */
export interface StepLog {
  /** Takes the figures of steps; nothing is written yet. */
  add(plan: StepPlan, report: StepReport): void;
  /** Writes the pending lines. Call it before each checkpoint: a resumed run then finds all earlier steps. */
  flush(): Promise<void>;
}

/** Name of the losses by step in a run folder. */
const STEPS_FILE = 'steps.jsonl';

/** Number of lines of a run of any length, at most; a resumed run may add a few. */
const MAX_LINES = 1000;

/**
 * Starts the step log of a run, or continues it after the steps that a checkpoint has seen.
 *
 * @param run its steps per epoch and epochs; each line averages over enough steps to keep the file small
 * @param stepsTaken steps before the first one to come; later lines of the file are dropped
 * @throws Error if the file is damaged or cannot be written
 */
export async function startStepLog(
  folder: string,
  { stepsPerEpoch, epochs }: { readonly stepsPerEpoch: number; readonly epochs: number },
  stepsTaken: number,
): Promise<StepLog> {
  const path = join(folder, STEPS_FILE);
  const kept = stepsTaken === 0 ? [] : (await readStepLog(folder)).filter(({ step }) => step <= stepsTaken);
  await writeFileSafely(path, linesOf(kept));
  const totalSteps = stepsPerEpoch * epochs;
  const stride = Math.ceil(totalSteps / MAX_LINES);
  const waiting: StepSummary[] = [];
  let sum = 0;
  let numImages = 0;
  return {
    add: ({ firstStep, batchSizes, learningRates }, { losses }) => {
      losses.forEach((loss, i) => {
        sum += loss * batchSizes[i];
        numImages += batchSizes[i];
        const step = firstStep + i + 1;
        if (step % stride !== 0 && step !== totalSteps) return;
        waiting.push({
          step,
          epoch: shorten(step / stepsPerEpoch),
          loss: shorten(sum / numImages),
          learningRate: shorten(learningRates[i]),
        });
        sum = 0;
        numImages = 0;
      });
    },
    flush: async () => {
      await appendLines(path, waiting.splice(0));
    },
  };
}

/**
 * Reads the losses by step of a run folder.
 *
 * @returns an empty array if there are none, as in runs of earlier versions
 * @throws Error naming the line that is damaged
 */
export async function readStepLog(folder: string): Promise<readonly StepSummary[]> {
  const path = join(folder, STEPS_FILE);
  if (!existsSync(path)) return [];
  // Whole lines only: the last one may have been cut off with its run.
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
  return lines.map((line, i) => parseJson(line, stepSummary, `${path}: line ${i + 1}`));
}

const shorten = (value: number) => Number(value.toPrecision(6));
