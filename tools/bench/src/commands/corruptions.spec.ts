import { measureCorruptions, meanScores, readPictures, reportCorruptions } from './corruptions.ts';

describe('readPictures', () => {
  it('counts right and rejected answers to the labelled images only', async () => {
    const images = new Uint8Array(5 * 784).map((_, i) => Math.floor(i / 784));
    const answers = [7, null, 3, 4, 9];

    const scores = await readPictures(images, Uint8Array.of(7, 1, 2, 4), (image) =>
      Promise.resolve(answers[image[783]]),
    );

    expect(scores).toEqual({ picture: 0.5, rejected: 0.25 });
  });
});

describe('meanScores', () => {
  it('averages each score', () => {
    expect(
      meanScores([
        { direct: 1, picture: 0.5, rejected: 0 },
        { direct: 0.5, picture: 0, rejected: 0.25 },
      ]),
    ).toEqual({ direct: 0.75, picture: 0.25, rejected: 0.125 });
  });
});

describe('measureCorruptions', () => {
  it('measures the bundled model on every corruption', async () => {
    const lines: string[] = [];
    const progress = (line: string): void => void lines.push(line);

    const { count, pictureCount, rows, mean } = await measureCorruptions({ count: 2, pictureCount: 1, progress });

    expect({ count, pictureCount }).toEqual({ count: 2, pictureCount: 1 });
    expect(rows).toHaveLength(16);
    expect(rows[0]).toEqual({ corruption: 'identity', direct: 1, picture: 1, rejected: 0 });
    expect(mean).toEqual(meanScores(rows.slice(1)));
    expect(mean.direct).toBeGreaterThan(0.5);
    expect(lines[0]).toBe('identity  100.00  100.00  0.00');
  }, 60_000);
});

describe('reportCorruptions', () => {
  it('writes a section with a row per corruption and their mean', () => {
    const identity = { corruption: 'identity', direct: 0.9962, picture: 0.996, rejected: 0.001 } as const;
    const shot = { corruption: 'shot_noise', direct: 0.98, picture: 0.5, rejected: 0.25 } as const;

    expect(
      reportCorruptions({
        weightsSha256: '5e51d722cb5304fb',
        count: 10000,
        pictureCount: 1000,
        rows: [identity, shot],
        mean: meanScores([shot]),
      }),
    ).toBe(
      `Accuracy of the weights 5e51d722cb53 on MNIST's test digits after each corruption of
[MNIST-C](https://github.com/google-research/mnist-c), drawn anew with fixed seeds. "Direct": the network gets the 28x28
image itself, 10,000 digits. "Picture path": the image is read as a picture of one digit,
the first 1,000 of them; "rejected" is the share without an answer, which counts as wrong.

| corruption                | direct, % | picture path, % | rejected, % |
| ------------------------- | --------: | --------------: | ----------: |
| identity                  |     99.62 |           99.60 |        0.10 |
| shot noise                |     98.00 |           50.00 |       25.00 |
| mean of the 1 corruptions |     98.00 |           50.00 |       25.00 |`,
    );
  });
});
