import { createAnswerSheet, createRunCurves } from './run-record.ts';

/** Four images of two pixels. */
const SET = {
  images: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  labels: Uint8Array.of(0, 1, 1, 0),
  count: 4,
  height: 1,
  width: 2,
  channels: 1,
  numClasses: 2,
};

describe('createAnswerSheet', () => {
  it('asks about every image before it asks about one again', () => {
    const sheet = createAnswerSheet(SET, ['a', 'b']);
    const asked = [...sheet.nextIndices(3), ...sheet.nextIndices(1)];
    expect(asked.sort()).toEqual([0, 1, 2, 3]);
  });

  it('gathers the pixels of the images that are asked about', () => {
    expect(createAnswerSheet(SET, ['a', 'b']).gather(Uint32Array.of(2, 0))).toEqual(Uint8Array.of(5, 6, 1, 2));
  });

  it('has no answers after it was cleared', () => {
    const sheet = createAnswerSheet(SET, ['a', 'b']);
    sheet.write(Uint32Array.of(0, 1), Float32Array.of(3, 0, 1, 0));
    sheet.clear();
    sheet.write(Uint32Array.of(2), Float32Array.of(0, 1));
    expect(sheet.read()).toMatchObject({ numAnswered: 1, numRight: 1, mistakes: [] });
  });

  it('counts the latest answer to each image, and shows the surest mistakes first', () => {
    const sheet = createAnswerSheet(SET, ['a', 'b']);
    sheet.write(Uint32Array.of(0, 1, 3), Float32Array.of(3, 0, 1, 0, 0, 4));
    sheet.write(Uint32Array.of(0), Float32Array.of(0, 1));
    const { mistakes, ...counts } = sheet.read();
    expect(counts).toEqual({
      classNames: ['a', 'b'],
      confusionMatrix: [
        [0, 2],
        [1, 0],
      ],
      numAnswered: 3,
      numRight: 0,
    });
    // 1 / (1 + exp(-margin)) for margins of 4, 1 and 1.
    expect(mistakes.map(({ confidence }) => Number(confidence.toFixed(4)))).toEqual([0.982, 0.7311, 0.7311]);
    expect(mistakes[0]).toMatchObject({ image: Uint8Array.of(7, 8), label: 'a', answer: 'b' });
  });
});

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
