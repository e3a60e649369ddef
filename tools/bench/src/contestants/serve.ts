import { createInterface } from 'node:readline';
import type { Greeting, Latencies, Prepared, Reply, Request, Slice, Task } from '../protocol.ts';

/** One prepared task. */
export interface Workload extends Prepared {
  /** Works for about `seconds`, one batch at least. */
  run(seconds: number): Promise<Pick<Slice, 'amount' | 'seconds'>>;
  latency?(calls: number): Promise<Latencies>;
  dispose(): Promise<void>;
}

/** What a contestant's process does between its first line and its end. */
export interface Contestant {
  readonly greeting: Greeting;
  prepare(task: Task): Promise<Workload>;
}

/**
 * Serves the requests on standard input until it closes, then ends the process.
 *
 * @param start makes the contestant; what it throws becomes the reason for which it is left out
 */
export async function serve(start: () => Promise<Contestant>): Promise<void> {
  let contestant: Contestant;
  try {
    contestant = await start();
  } catch (error) {
    answer({ ok: false, error: messageOf(error) });
    process.exit(0);
  }
  answer({ ok: true, result: contestant.greeting });

  let workload: Workload | null = null;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    try {
      if (request.op === 'prepare') {
        await workload?.dispose();
        workload = await contestant.prepare(request.task);
        answer({ ok: true, result: { outcome: workload.outcome } });
      } else {
        answer({ ok: true, result: await work(workload, request) });
      }
    } catch (error) {
      answer({ ok: false, error: messageOf(error) });
    }
  }
  process.exit(0);
}

async function work(
  workload: Workload | null,
  request: Exclude<Request, { readonly op: 'prepare' }>,
): Promise<Slice | Latencies> {
  if (workload === null) throw new Error(`serve: ${request.op} must come after a prepare that went well`);
  if (request.op === 'run') {
    const before = process.cpuUsage();
    const { amount, seconds } = await workload.run(request.seconds);
    const { user, system } = process.cpuUsage(before);
    const memory = {
      residentBytes: process.memoryUsage.rss(),
      maxResidentBytes: process.resourceUsage().maxRSS * 1024,
    };
    return { amount, seconds, processorSeconds: (user + system) / 1e6, ...memory };
  }
  if (workload.latency === undefined) throw new Error('serve: latency must be asked of a prediction task');
  return workload.latency(request.calls);
}

function answer(reply: Reply<unknown>): void {
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0];
}
