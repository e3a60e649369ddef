import { createRunCurves } from './run-curves.ts';

const plan = (firstStep: number, sizes: readonly number[]) => ({
  epoch: 0,
  firstStep,
  samples: new Uint32Array(sizes.reduce((sum, size) => sum + size, 0)),
  batchSizes: Uint32Array.from(sizes),
  learningRates: new Float32Array(sizes.length),
  averageDecays: new Float32Array(sizes.length),
});

describe('createRunCurves', () => {
  it('has no curves before the first step', () => {
    expect(createRunCurves(200).read()).toEqual({ loss: [], accuracy: [] });
  });

  it('gives the means over the images of each hundredth of the run', () => {
    const curves = createRunCurves(200);
    curves.addSteps(plan(0, [10, 10, 4]), {
      losses: Float32Array.of(2, 1, 0.5),
      numCorrect: Uint32Array.of(1, 3, 4),
    });
    const { loss, accuracy } = curves.read();
    expect(loss.map(({ name }) => name)).toEqual(['training']);
    expect(loss[0].values.slice(0, 3)).toEqual([1.5, 0.5, null]);
    expect(accuracy[0].values.slice(0, 3)).toEqual([0.2, 1, null]);
    expect(loss[0].values).toHaveLength(100);
  });

  it('draws straight lines between the places where validation was measured', () => {
    const curves = createRunCurves(100);
    curves.addValidation(1, { loss: 2, accuracy: 0.25 });
    curves.addValidation(5, { loss: 1, accuracy: 0.75 });
    const { loss, accuracy } = curves.read();
    expect(loss[0].values.slice(0, 6)).toEqual([2, 1.75, 1.5, 1.25, 1, null]);
    expect(accuracy[0].values.slice(0, 6)).toEqual([0.25, 0.375, 0.5, 0.625, 0.75, null]);
  });
});
