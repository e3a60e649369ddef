import type { LineSeries } from '@digits/charts';
import type { StepPlan, StepReport } from '@digits/model';

/** Places of a curve from the run's beginning to its end. */
const NUM_PLACES = 100;

/** The curves of a run as it goes on. */
export interface RunCurves {
  readonly addSteps: (plan: StepPlan, report: StepReport) => void;
  /** @param step the steps that were taken when it was measured */
  readonly addValidation: (step: number, figures: { readonly loss: number; readonly accuracy: number }) => void;
  /** @returns two curves each, training and validation, of one value for each hundredth of the run */
  readonly read: () => { readonly loss: readonly LineSeries[]; readonly accuracy: readonly LineSeries[] };
}

/** Makes the curves of a run of so many steps. */
export function createRunCurves(totalSteps: number): RunCurves {
  const placeOf = (step: number) => Math.min(NUM_PLACES - 1, Math.floor((step * NUM_PLACES) / totalSteps));
  const sums = Array.from({ length: NUM_PLACES }, () => ({ loss: 0, numCorrect: 0, numImages: 0 }));
  const validation = new Array<{ readonly loss: number; readonly accuracy: number } | null>(NUM_PLACES).fill(null);
  return {
    addSteps: ({ firstStep, batchSizes }, { losses, numCorrect }) => {
      batchSizes.forEach((size, i) => {
        const sum = sums[placeOf(firstStep + i)];
        sum.loss += losses[i] * size;
        sum.numCorrect += numCorrect[i];
        sum.numImages += size;
      });
    },
    addValidation: (step, figures) => {
      validation[placeOf(Math.max(step - 1, 0))] = figures;
    },
    read: () => ({
      loss: [
        { name: 'training', values: sums.map(({ loss, numImages }) => (numImages === 0 ? null : loss / numImages)) },
        { name: 'validation', values: joined(validation.map((figures) => figures?.loss ?? null)) },
      ].filter(hasValues),
      accuracy: [
        {
          name: 'training',
          values: sums.map(({ numCorrect, numImages }) => (numImages === 0 ? null : numCorrect / numImages)),
        },
        { name: 'validation', values: joined(validation.map((figures) => figures?.accuracy ?? null)) },
      ].filter(hasValues),
    }),
  };
}

function hasValues({ values }: LineSeries): boolean {
  return values.some((value) => value !== null);
}

/** Straight lines between the places where something was measured; what lies outside stays empty. */
function joined(values: readonly (number | null)[]): readonly (number | null)[] {
  const measured = values.flatMap((value, i) => (value === null ? [] : [{ i, value }]));
  return values.map((value, i) => {
    if (value !== null) return value;
    const after = measured.find((point) => point.i > i);
    const before = measured.findLast((point) => point.i < i);
    if (before === undefined || after === undefined) return null;
    return before.value + ((after.value - before.value) * (i - before.i)) / (after.i - before.i);
  });
}
