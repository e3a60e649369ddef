import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { predictionsCsv, readPredictions } from './predictions.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-predictions-'));
  path = join(folder, 'predictions.csv');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const PREDICTIONS = {
  names: ['A/1.png', 'A, or "B"/2\n.png'],
  labels: Uint8Array.of(0, 1),
  probabilities: Float64Array.of(0.25, 0.75, 0.125, 0.875),
};
const NAMES = ['A', 'A, or "B"'];

describe('predictionsCsv', () => {
  it('has file, class names and the probability of each class', () => {
    expect(predictionsCsv({ ...PREDICTIONS, names: ['a.png', 'b.png'] }, ['A', 'B'])).toBe(
      'index,file,label,labelName,answer,answerName,confidence,probability of A,probability of B\n' +
        '0,a.png,0,A,1,B,0.75,0.25,0.75\n' +
        '1,b.png,1,B,1,B,0.875,0.125,0.875\n',
    );
  });
});

describe('readPredictions', () => {
  it('reads what was written, with any names', async () => {
    await writeFile(path, predictionsCsv(PREDICTIONS, NAMES));
    expect(await readPredictions(path, 2)).toEqual(PREDICTIONS);
  });

  it('reads predictions of earlier versions, which name no files', async () => {
    await writeFile(path, 'index,label,answer,confidence,probability of A,probability of B\n0,0,1,0.75,0.25,0.75\n');
    expect(await readPredictions(path, 2)).toEqual({
      names: null,
      labels: Uint8Array.of(0),
      probabilities: Float64Array.of(0.25, 0.75),
    });
  });

  it('is null if there is no file', async () => {
    expect(await readPredictions(path, 2)).toBeNull();
  });

  it.each([
    ['file,label\na,1\n', 'line 1 must name label and 2 columns of probabilities, got file,label'],
    [
      'file,label,probability of A,probability of B\na,1,0.5\n',
      'line 2 must hold 4 values, the label and probabilities as numbers, got a,1,0.5',
    ],
    [
      'file,label,probability of A,probability of B\na,1,0.5,\n',
      'line 2 must hold 4 values, the label and probabilities as numbers, got a,1,0.5,',
    ],
  ])('refuses %j', async (text, message) => {
    await writeFile(path, text);
    await expect(readPredictions(path, 2)).rejects.toThrow(new Error(`${path}: ${message}`));
  });
});
