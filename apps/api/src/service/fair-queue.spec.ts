import { FairQueue } from './fair-queue.ts';

/** Queue of tasks that are named after their client: `a1` is of `a`. */
function queueOf(...tasks: readonly (readonly [task: string, cost: number])[]): FairQueue<string> {
  const queue = new FairQueue<string>();
  for (const [task, cost] of tasks) queue.push(task[0], cost, task);
  return queue;
}

function takeAll(queue: FairQueue<string>): string {
  const taken: string[] = [];
  for (let task = queue.take(); task !== undefined; task = queue.take()) taken.push(task);
  return taken.join(' ');
}

describe('FairQueue', () => {
  it('keeps the order of one client', () => {
    expect(takeAll(queueOf(['a1', 5], ['a2', 1], ['a3', 3]))).toBe('a1 a2 a3');
  });

  it('alternates between clients whose tasks cost the same', () => {
    const queue = queueOf(['a1', 1], ['a2', 1], ['a3', 1], ['b1', 1], ['b2', 1], ['c1', 1]);
    expect(takeAll(queue)).toBe('a1 b1 c1 a2 b2 a3');
  });

  it('gives a client with cheap tasks as much work as one with costly tasks', () => {
    // Work given before each take, a and b: 0 0, 4 0, 4 1, 4 2, 4 3, 4 4, 8 4, 8 5.
    const queue = queueOf(['a1', 4], ['a2', 4], ['b1', 1], ['b2', 1], ['b3', 1], ['b4', 1], ['b5', 1], ['b6', 1]);
    expect(takeAll(queue)).toBe('a1 b1 b2 b3 b4 a2 b5 b6');
  });

  it('lets a client that comes later neither wait for the others nor catch up', () => {
    const queue = queueOf(['a1', 1], ['a2', 1], ['a3', 1], ['a4', 1], ['a5', 1]);
    expect([queue.take(), queue.take(), queue.take()]).toEqual(['a1', 'a2', 'a3']);
    // a has been given 3, and the last task was taken at 2: b starts there.
    for (const task of ['b1', 'b2', 'b3']) queue.push('b', 1, task);
    expect(takeAll(queue)).toBe('b1 a4 b2 a5 b3');
  });

  it('remembers what a client was given while others wait', () => {
    const queue = queueOf(['a1', 10], ['b1', 1], ['b2', 1], ['b3', 1]);
    expect(queue.take()).toBe('a1');
    queue.push('a', 1, 'a2');
    expect(takeAll(queue)).toBe('b1 b2 b3 a2');
  });

  it('forgets everything if no client waits', () => {
    const queue = queueOf(['a1', 10]);
    expect(queue.take()).toBe('a1');
    queue.push('a', 1, 'a2');
    queue.push('b', 1, 'b1');
    expect(takeAll(queue)).toBe('a2 b1');
  });

  it('skips clients whose first task may not start', () => {
    const queue = queueOf(['a1', 1], ['a2', 1], ['b1', 1]);
    expect(queue.take((_, client) => client !== 'a')).toBe('b1');
    expect(queue.take((task) => task === 'a2')).toBeUndefined();
    expect(takeAll(queue)).toBe('a1 a2');
  });

  it('removes a task, which then costs nothing', () => {
    const queue = queueOf(['a1', 9], ['a2', 1], ['b1', 1]);
    expect([queue.remove('a', 'a1'), queue.remove('a', 'a1'), queue.remove('c', 'c1')]).toEqual([true, false, false]);
    expect([queue.size, queue.sizeOf('a'), queue.sizeOf('b'), queue.sizeOf('c')]).toEqual([2, 1, 1, 0]);
    expect(takeAll(queue)).toBe('a2 b1');
    const only = queueOf(['a1', 1]);
    only.remove('a', 'a1');
    expect([only.size, only.take()]).toEqual([0, undefined]);
  });

  it('charges a client for a task that cost more than expected', () => {
    const queue = queueOf(['a1', 1], ['a2', 1], ['b1', 1], ['b2', 1], ['b3', 1]);
    expect(queue.take()).toBe('a1');
    // a has been given 3 instead of 1.
    queue.charge('a', 2);
    expect(takeAll(queue)).toBe('b1 b2 b3 a2');
  });

  it('gives back what a task cost less than expected, but not more than others have', () => {
    const queue = queueOf(['a1', 5], ['b1', 1], ['b2', 1], ['a2', 1]);
    expect([queue.take(), queue.take()]).toEqual(['a1', 'b1']);
    // a has been given 0.5, and b 1.
    queue.charge('a', -4.5);
    expect(takeAll(queue)).toBe('a2 b2');
    queue.charge('unknown', 1);
  });

  it('says how much would be taken before a new task of a client', () => {
    // Given before each take, a and b: 0 0, 4 0, 4 2, 4 4, 8 4.
    const queue = queueOf(['a1', 4], ['a2', 4], ['b1', 2], ['b2', 2]);
    // c starts at 0, after the first tasks of a and b.
    expect(queue.costBefore('c')).toBe(6);
    // b's next starts at 4, after a1, a2, b1 and b2.
    expect(queue.costBefore('b')).toBe(12);
    expect(queue.costBefore('a')).toBe(12);
    expect(new FairQueue().costBefore('a')).toBe(0);
  });

  it.each([0, -1, NaN, Infinity])('refuses the cost %p', (cost) => {
    expect(() => {
      new FairQueue().push('a', cost, 'a1');
    }).toThrow(`push: cost must be a positive number, got ${cost}`);
  });
});
