import { setTimeout as sleep } from 'node:timers/promises';
import { type Attacker, startAttacker } from './testing/attacker.ts';
import { ATTACKS } from './testing/attacks/attacks.ts';
import { TENSOR_ATTACKS } from './testing/attacks/tensors.ts';
import { closed, openSocket } from './testing/attacks/sockets.ts';
import { askHonestly, type HonestReports, p99, type Question } from './testing/honest-client.ts';
import { longestStallMs, residentMiB, type RunningService, startService } from './testing/running-service.ts';

jest.setTimeout(180_000);

/** Duration of each attack. */
const SECONDS = 12;

/** Duration of the quiet time before all attacks, and before each of them: a machine is not always as busy with other work. */
const QUIET_SECONDS = 8;

/** Duration of each attack before memory is measured: the first ones fill caches, heaps and the stacks of threads. */
const WARM_UP_SECONDS = 2;

/** Share by which resident memory may have grown after an attack, and noise of the measurement in MiB. */
const MAX_GROWTH = 0.2;
const NOISE_MIB = 16;

/** Time after which memory must be free again, in milliseconds: collections of garbage come when memory is asked for. */
const SETTLE_MS = 30_000;

/** Attacks to run: those whose names match the regular expression in `DIGITS_ATTACKS`, by default all. */
const SELECTED = ATTACKS.filter(({ name }) => new RegExp(process.env.DIGITS_ATTACKS ?? '').test(name));

const QUESTIONS: readonly Question[] = ['tensor', 'drawing', 'probe'];

/** What was measured beside an attack. */
interface Measurement {
  readonly name: string;
  readonly reports: HonestReports;
  /** Without an attack, just before. */
  readonly quiet: HonestReports;
  /** Longest stall of the service's event loop. */
  readonly stallMs: number;
  /** Before the attack, and after it. */
  readonly memoryMiB: readonly [number, number];
}

const measured: Measurement[] = [];

function measureQuiet(service: RunningService): Promise<HonestReports> {
  return askHonestly(service, () => sleep(QUIET_SECONDS * 1000));
}

/** Waits until memory is back within the allowed growth; returns the resident memory at that time, in MiB. */
async function settled(service: RunningService, beforeMiB: number): Promise<number> {
  const end = performance.now() + SETTLE_MS;
  let now = residentMiB(service) ?? 0;
  while (now > allowedMiB(beforeMiB) && performance.now() < end) {
    // An idle process collects no garbage; honest requests make it do so.
    await askHonestly(service, () => sleep(1000));
    now = residentMiB(service) ?? 0;
  }
  return now;
}

function allowedMiB(beforeMiB: number): number {
  return beforeMiB * (1 + MAX_GROWTH) + NOISE_MIB;
}

/** Writes the table for `docs/results.md`. */
function writeTable(): void {
  const head = [
    'beside',
    ...QUESTIONS.map((question) => `${question}, p99 ms in quiet to beside`),
    'refused',
    'lost',
    'longest stall, ms',
    'memory MiB',
  ];
  const rows = measured.map(({ name, reports, quiet, stallMs, memoryMiB }) => {
    const sum = (count: (question: Question) => number): string =>
      String(QUESTIONS.reduce((total, question) => total + count(question), 0));
    return [
      name,
      ...QUESTIONS.map((question) => {
        const [before, beside] = [quiet, reports].map((each) => p99(each[question].durationsMs));
        return `${before.toFixed(1)} to ${beside.toFixed(1)} (${(beside / before).toFixed(1)})`;
      }),
      sum((question) => reports[question].numRefused),
      sum((question) => reports[question].numLost),
      stallMs.toFixed(0),
      memoryMiB.map((mib) => mib.toFixed(0)).join(' to '),
    ];
  });
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  process.stderr.write(`\n${lines.join('\n')}\n`);
}

describe('an honest client of the service', () => {
  let service: RunningService;
  let attacker: Attacker;
  let quiet: HonestReports;
  beforeAll(async () => {
    service = await startService(['--rate-limit', '0', '--log-level', 'info']);
    attacker = await startAttacker(service);
    for (const { name } of SELECTED) await attacker.attack(name, () => sleep(WARM_UP_SECONDS * 1000));
    await askHonestly(service, () => sleep(3000));
    quiet = await measureQuiet(service);
  });
  afterAll(async () => {
    writeTable();
    await attacker.dispose();
    service.kill('SIGTERM');
    await service.ended;
  });

  it('is answered in quiet', () => {
    for (const question of QUESTIONS) {
      const { durationsMs, answers, numRefused, numLost, others } = quiet[question];
      expect(durationsMs.length).toBeGreaterThan(10);
      expect({ question, numAnswers: answers.length, numRefused, numLost, others }).toEqual({
        question,
        numAnswers: 1,
        numRefused: 0,
        numLost: 0,
        others: [],
      });
    }
    expect(quiet.drawing.answers).toEqual(['7']);
  });

  it.each(SELECTED.map(({ name }) => name))('is answered beside %s', async (name) => {
    const quietBefore = await measureQuiet(service);
    const before = residentMiB(service) ?? 0;
    const numLogged = service.log.length;
    await longestStallMs(service);
    const reports = await askHonestly(service, () => attacker.attack(name, () => sleep(SECONDS * 1000)));
    const stallMs = await longestStallMs(service);
    const after = await settled(service, before);
    measured.push({ name, reports, quiet: quietBefore, stallMs, memoryMiB: [before, after] });
    for (const question of QUESTIONS) {
      const { answers, others, durationsMs } = reports[question];
      // Every answer must be right.
      expect({ question, others }).toEqual({ question, others: [] });
      for (const answer of answers) expect(quiet[question].answers).toContain(answer);
      expect(durationsMs.length).toBeGreaterThan(0);
    }
    expect(after).toBeLessThan(allowedMiB(before));
    const faults = service.log.slice(numLogged).filter(({ level, status }) => Number(level) >= 50 || status === 500);
    expect(faults).toEqual([]);
    expect((await fetch(`${service.address}/v2/health/ready`)).status).toBe(200);
  });
});

/** Limit of open files. Node opens all modules of the service at once and needs about this many. */
const MAX_OPEN_FILES = 512;

const onLinux = process.platform === 'linux' ? it : it.skip;

describe('the service that may open few files', () => {
  onLinux('answers its honest client beside more connections than it has files', async () => {
    const service = await startService(['--rate-limit', '0'], {}, { maxOpenFiles: MAX_OPEN_FILES });
    try {
      const over = new AbortController();
      const reports = await askHonestly(service, async () => {
        const sockets = Array.from({ length: 2 * MAX_OPEN_FILES }, () => openSocket(service));
        for (const socket of sockets) socket.resume();
        await sleep(5000);
        over.abort();
        await Promise.all(sockets.map((socket) => closed(socket, over.signal)));
      });
      for (const question of QUESTIONS) {
        expect({ question, others: reports[question].others }).toEqual({ question, others: [] });
        expect(reports[question].durationsMs.length).toBeGreaterThan(0);
      }
      expect((await fetch(`${service.address}/v2/health/ready`)).status).toBe(200);
    } finally {
      service.kill('SIGTERM');
      expect(await service.ended).toBe(0);
    }
  });
});

describe('the service that is told to end', () => {
  onLinux('answers what it accepted, beside batches of other clients', async () => {
    const service = await startService(['--rate-limit', '0', '--log-level', 'info']);
    const [batches] = TENSOR_ATTACKS;
    const over = new AbortController();
    const reports = await askHonestly(service, async () => {
      await sleep(3000);
      const attacking = batches.run(service, over.signal);
      await sleep(3000);
      service.kill('SIGTERM');
      expect(await service.ended).toBe(0);
      over.abort();
      await attacking;
    });
    for (const question of ['tensor', 'drawing'] as const) {
      // Accepted requests are answered; later connections find no listener.
      for (const other of new Set(reports[question].others)) expect(other).toMatch(/^ECONNREFUSED/);
      expect(reports[question].answers).toHaveLength(1);
      const numLogged = service.log.filter(
        ({ route, status }) => status === 200 && String(route).endsWith(question === 'tensor' ? '/infer' : '/digits'),
      ).length;
      expect(numLogged).toBeGreaterThanOrEqual(reports[question].durationsMs.length);
    }
  });
});
