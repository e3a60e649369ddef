import { setImmediate as immediate } from 'node:timers/promises';
import { RecentClients } from './clients.ts';
import { RequestTurns } from './request-turns.ts';

describe('RequestTurns', () => {
  let turns: RequestTurns;
  let started: string[];
  const start = (client: string, count: number): void => {
    for (let i = 0; i < count; i++) turns.start(client, () => started.push(client));
  };
  beforeEach(() => {
    turns = new RequestTurns(new RecentClients());
    started = [];
  });

  it('starts all requests of the only client at once', () => {
    start('a', 100);
    expect(started).toHaveLength(100);
  });

  it('starts a few requests per turn of the event loop if there are several clients', async () => {
    start('b', 1);
    start('a', 100);
    expect(started).toHaveLength(4);
    await immediate();
    expect(started.length).toBeLessThanOrEqual(8);
    while (turns.numWaiting > 0) await immediate();
    expect(started).toHaveLength(101);
  });

  it('starts the request of a client before those that another has sent earlier', async () => {
    start('a', 1);
    start('b', 100);
    await immediate();
    const numBefore = started.length;
    start('a', 1);
    await immediate();
    expect(started.slice(numBefore, numBefore + 5)).toContain('a');
  });

  it('starts requests that follow others on their connection in later turns', async () => {
    let numStarted = 0;
    const next = (): void => {
      numStarted++;
      if (numStarted < 100) turns.startLater('a', next);
    };
    turns.start('a', next);
    expect(numStarted).toBe(1);
    await immediate();
    expect(numStarted).toBeLessThanOrEqual(6);
    while (turns.numWaiting > 0) await immediate();
    expect(numStarted).toBe(100);
  });
});
