import type { ClassRunRecord } from './run-record.ts';
import { historyCsv, rankRuns, runsCsv, runsTable, runsTables } from './run-tables.ts';

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
      dataset: { source: 'mnist', sha256: 'b2d8f5bf3917f00d' },
      request: {},
      startedAt: `2026-01-0${batchSize % 9}`,
    },
    history: [],
    metrics,
    failure: null,
  } as unknown as ClassRunRecord;
}

/** A record with other facts in its description. */
function onDataset(run: ClassRunRecord, dataset: object, request = {}): ClassRunRecord {
  return { ...run, description: { ...run.description, ...({ dataset, request } as object) } };
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

describe('runsTables', () => {
  const letters = { source: '/data/letters', sha256: 'aaaabbbbccccdddd' };
  const records = [
    record('first', 64, [0.9, 0.3]),
    onDataset(record('letters', 65, [0.95, 0.3]), letters),
    onDataset(record('moved', 66, [0.8, 0.3]), { ...letters, source: '/moved' }, { init: '/models/mine' }),
    onDataset(record('added', 67, [0.99, 0.3]), { ...letters, addedSha256: 'ee' }, { add: '/data/more' }),
  ];
  const tables = runsTables(rankRuns(records, 'accuracy')).split('\n\n');

  it('never rank different data sets in one table, even if their names are the same', () => {
    expect(tables.map((table) => table.match(/^ {2}(first|letters|moved|added)/gm))).toEqual([
      ['  added'],
      ['  letters', '  moved'],
      ['  first'],
    ]);
  });

  it('name the data set, what was added, and the model that was started from', () => {
    expect(tables.map((table) => table.split('\n')[0])).toEqual([
      'Data set /data/letters (SHA-256 aaaabbbbcccc), with --add /data/more',
      'Data set /data/letters (SHA-256 aaaabbbbcccc)',
      'Data set mnist (SHA-256 b2d8f5bf3917)',
    ]);
    expect(tables[1].split('\n').slice(1)).toEqual([
      expect.stringMatching(/ time +init +batchSize$/),
      expect.stringMatching(/ none +65$/),
      expect.stringMatching(/ \/models\/mine +66$/),
    ]);
  });

  it('have them in the CSV too', () => {
    const [header, , , , last] = runsCsv(rankRuns(records, 'accuracy')).split('\n');
    expect(header).toMatch(/,weightsSha256,dataset,datasetSha256,add,addedSha256,init,batchSize$/);
    expect(last).toMatch(/,ab,\/moved,aaaabbbbccccdddd,,,\/models\/mine,66$/);
  });

  it('say that a run diverged', () => {
    const failure = { reason: 'diverged', message: 'train: loss must be finite, got NaN' } as const;
    const rows = rankRuns([{ ...record('lost', 64, null), failure }], 'accuracy');
    expect(runsTables(rows)).toMatch(/^ {2}lost +fast +1 +0 \(diverged\)$/m);
    expect(rows[0].failure).toBe(failure.message);
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
