import { CallQueue } from './call-queue.ts';

describe('CallQueue', () => {
  it('runs calls one after another, in their order', async () => {
    const queue = new CallQueue('session');
    const events: string[] = [];
    const slow = queue.run('slow', async () => {
      events.push('slow begins');
      await new Promise((resolve) => setTimeout(resolve, 5));
      events.push('slow ends');
    });
    const quick = queue.run('quick', () => Promise.resolve(events.push('quick')));
    await Promise.all([slow, quick]);
    expect(events).toEqual(['slow begins', 'slow ends', 'quick']);
  });

  it('goes on after a call that failed', async () => {
    const queue = new CallQueue('session');
    await expect(queue.run('first', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await queue.run('second', () => Promise.resolve(2))).toBe(2);
  });

  it('frees once, after the call under way, and refuses those that wait or come later', async () => {
    const queue = new CallQueue('session');
    const events: string[] = [];
    const running = queue.run('first', async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      events.push('ended');
    });
    await new Promise((resolve) => setTimeout(resolve, 0));
    const waiting = queue.run('second', () => Promise.resolve());
    const outcomes = Promise.allSettled([running, waiting]);
    await Promise.all([queue.close(() => events.push('freed')), queue.close(() => events.push('freed again'))]);
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(events).toEqual(['ended', 'freed']);
    await expect(queue.run('third', () => Promise.resolve())).rejects.toThrow(
      'third: session must be in use, got a disposed one; create another',
    );
  });
});
