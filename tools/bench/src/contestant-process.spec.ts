import { ContestantProcess } from './contestant-process.ts';

const GREETING = '{"ok":true,"result":{"version":"1","variants":{"train":[],"predict":[]}}}';

/** A contestant whose program is given. */
function start(script: string): Promise<ContestantProcess> {
  return ContestantProcess.start({ program: process.execPath, arguments: ['-e', script] });
}

/** Says `greeting`, then answers each request with the next of `answers`. */
function answering(...answers: string[]): string {
  return `console.log(${JSON.stringify(GREETING)});
    const answers = ${JSON.stringify(answers)};
    require('node:readline').createInterface({ input: process.stdin }).on('line', () => console.log(answers.shift()));`;
}

describe('ContestantProcess', () => {
  it('passes requests and answers on, and passes over what is no answer', async () => {
    const contestant = await start(answering('a banner\n{"ok":true,"result":{"outcome":[1]}}'));

    expect(contestant.greeting.version).toBe('1');
    await expect(contestant.latency(3)).resolves.toEqual({ outcome: [1] });
    contestant.end();
  });

  it('throws what the contestant says went wrong and goes on', async () => {
    const contestant = await start(answering('{"ok":false,"error":"too large"}', '{"ok":true,"result":{}}'));

    await expect(contestant.run(1)).rejects.toThrow(new Error('too large'));
    await expect(contestant.run(1)).resolves.toEqual({});
    contestant.end();
  });

  it('says what a contestant wrote before it died', async () => {
    await expect(start('console.error("no library"); process.exit(3)')).rejects.toThrow(
      'ended with exit code 3: no library',
    );
  });

  it('finds the error in what a crashed Node wrote', async () => {
    await expect(start('throw new RangeError("too many threads")')).rejects.toThrow(
      'ended with exit code 1: RangeError: too many threads',
    );
  });

  it('says that a program is missing', async () => {
    const missing = ContestantProcess.start({ program: 'no-such-program', arguments: [] });

    await expect(missing).rejects.toThrow('cannot start no-such-program');
  });
});
