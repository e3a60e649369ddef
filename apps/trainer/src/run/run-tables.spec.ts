import type { ClassRunRecord } from './run-record.ts';
import { historyCsv, rankRuns, runsTable } from './run-tables.ts';

const figures = (accuracy: number, logLoss: number) => ({
  accuracy, logLoss, ece: 0.01, count: 100, accuracyInterval: [accuracy - 0.01, accuracy + 0.01],
}); // prettier-ignore

/** Only what tables are made of. */
function record(name: string, batchSize: number, validation: readonly [number, number] | null): ClassRunRecord {
  const metrics = validation && {
    stopped: 'completed', parameters: 1000, trainingSeconds: 75, weightsSha256: 'ab',
    validation: figures(...validation), test: figures(0.9, 0.2),
  }; // prettier-ignore
  return {
    path: `runs/${name}`,
    name,
    description: {
      config: { preset: 'fast', seed: 1, batchSize, optimizer: { type: 'adam' } },
      startedAt: `2026-01-0${batchSize % 9}`,
    },
    history: [],
    metrics,
  } as unknown as ClassRunRecord;
}

describe('rankRuns', () => {
  const records = [record('slow', 64, [0.9, 0.3]), record('going', 32, null), record('best', 128, [0.95, 0.4]), record('tie', 64, [0.9, 0.2])]; // prettier-ignore

  it('puts the best on the validation split first, equals by their log loss, and what has not ended last', () => {
    expect(rankRuns(records, 'accuracy').map(({ run }) => run)).toEqual(['best', 'tie', 'slow', 'going']);
    expect(rankRuns(records, 'logLoss').map(({ run }) => run)).toEqual(['tie', 'slow', 'best', 'going']);
  });

  it('finds the settings in which runs differ', () => {
    expect(rankRuns(records, 'accuracy').map(({ differences }) => differences)).toEqual([
      { batchSize: 128 },
      { batchSize: 64 },
      { batchSize: 64 },
      { batchSize: 32 },
    ]);
  });

  it('makes a table with a column for each such setting', () => {
    const [header, first, , , last] = runsTable(rankRuns(records, 'accuracy')).split('\n');
    expect(header).toMatch(/^run +preset +seed +epochs +validation +test +95% interval .* time +batchSize$/);
    expect(first).toMatch(/^best +fast +1 +0 +95\.00% +90\.00% +89\.00% to 91\.00% .* 1 min 15 s +128$/);
    expect(last).toMatch(/^going +fast +1 +0 \(unfinished\) +32$/);
  });
});

describe('historyCsv', () => {
  it('counts epochs from 1', () => {
    const epoch = { epoch: 1, trainLoss: 1, trainAccuracy: 0.5, validationLoss: 2, validationAccuracy: 0.4, learningRate: 0.1, seconds: 3 }; // prettier-ignore
    expect(historyCsv([epoch])).toBe(
      'epoch,trainLoss,trainAccuracy,validationLoss,validationAccuracy,learningRate,seconds\n1,1,0.5,2,0.4,0.1,3\n',
    );
  });
});
