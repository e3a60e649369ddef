/**
 * A client that asks for some seconds, in a process of its own.
 *
 * node load-client.js '{"url": ..., "bodyFile": ..., "headers": {...}, "connections": 32, "seconds": 3}'; prints autocannon's report.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { LoadRequest } from './processes.ts';

/** What is used of autocannon, which comes without types. */
type Autocannon = (options: {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly connections: number;
  readonly duration: number;
  readonly warmup: { readonly connections: number; readonly duration: number };
}) => Promise<object>;

const { url, bodyFile, headers, connections, seconds } = JSON.parse(process.argv[2]) as LoadRequest;
const autocannon = createRequire(import.meta.url)('autocannon') as Autocannon;
const body = readFileSync(bodyFile);
// One second that is not counted: a cold client's first requests would be the slowest hundredth of a slower server's answers, and
// none of a faster one's.
const warmup = { connections, duration: 1 };
const report = await autocannon({ url, method: 'POST', headers, body, connections, duration: seconds, warmup });
process.stdout.write(JSON.stringify(report));
