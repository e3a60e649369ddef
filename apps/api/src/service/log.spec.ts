import { Log } from './log.ts';

const LINE = `${JSON.stringify({ msg: 'x'.repeat(1000) })}\n`;

describe('Log', () => {
  it('writes lines in order, and all of them when flushed', async () => {
    const written: string[] = [];
    const log = new Log((text) => {
      written.push(text);
      return Promise.resolve();
    });
    for (let i = 0; i < 100; i++) log.write(`${i}\n`);
    await log.flush(10_000);
    expect(written.join('')).toBe(Array.from({ length: 100 }, (_, i) => `${i}\n`).join(''));
    expect(log.numLost).toBe(0);
  });

  it('keeps 4 MiB for a reader that has stopped, then drops and counts lines, and does not wait for it', async () => {
    const log = new Log(() => new Promise(() => undefined));
    for (let i = 0; i < 10_000; i++) log.write(LINE);
    const numKept = 10_000 - log.numLost;
    expect(numKept).toBe(Math.floor((4 * 1024 * 1024) / LINE.length));
    await log.flush(1);
  });

  it('counts the lines that a full disk refuses, and says how many when it takes some again', async () => {
    let isFull = true;
    let written = '';
    const log = new Log((text) => {
      if (isFull) return Promise.reject(new Error('ENOSPC'));
      written += text;
      return Promise.resolve();
    });
    for (let i = 0; i < 3; i++) log.write(LINE);
    await log.flush(10_000);
    expect(log.numLost).toBe(3);
    isFull = false;
    log.write('{"msg":"again"}\n');
    await log.flush(10_000);
    const lines = written
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toEqual([
      { msg: 'again' },
      expect.objectContaining({ level: 40, numLines: 3, msg: 'log lines lost' }),
    ]);
    log.write('{"msg":"later"}\n');
    await log.flush(10_000);
    expect(written.match(/log lines lost/g)).toHaveLength(1);
  });
});
