import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fuzz } from './testing/fuzz.ts';
import { saveMarkerModel } from './testing/marker-model.ts';
import { itWithPython, runPython } from './testing/python.ts';
import { type RunningService, startService } from './testing/running-service.ts';

jest.setTimeout(900_000);

const COUNT = 20_000;
/** The first requests fill caches and heaps; growth counts from there. */
const WARM_UP = 5000;
const MAX_GROWTH_MIB = 64;

let model: string;
let service: RunningService;
beforeAll(async () => {
  model = await saveMarkerModel();
  service = await startService(['--model', model, '--rate-limit', '0']);
});
afterAll(async () => {
  service.kill('SIGTERM');
  await service.ended;
  await rm(dirname(model), { recursive: true });
});

/** MiB in memory, or null where the system does not say. */
function residentMiB(): number | null {
  if (process.platform !== 'linux') return null;
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${service.pid}/status`, 'utf8'));
  return found === null ? null : Number(found[1]) / 1024;
}

describe('the running service', () => {
  it(`answers ${COUNT} mutated requests soundly, without growing`, async () => {
    const port = Number(new URL(service.address).port);
    expect(await fuzz(port, 1000, WARM_UP, 16)).toEqual([]);
    const before = residentMiB();
    expect(await fuzz(port, 1000 + WARM_UP, COUNT - WARM_UP, 16)).toEqual([]);
    const after = residentMiB();
    process.stderr.write(`resident memory: ${before?.toFixed(0) ?? '?'} MiB, then ${after?.toFixed(0) ?? '?'} MiB\n`);
    if (before !== null && after !== null) expect(after - before).toBeLessThan(MAX_GROWTH_MIB);
    expect((await fetch(`${service.address}/v2/health/ready`)).status).toBe(200);
    expect(service.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });

  itWithPython('schemathesis', 'is as its OpenAPI document says (schemathesis)', async (python) => {
    const folder = await mkdtemp(join(tmpdir(), 'digits-schemathesis-'));
    // That whatever the schema allows is accepted is not asked for: no schema says what a picture is, or that data fit a shape.
    const options = [
      '--checks',
      'all',
      '--exclude-checks',
      'positive_data_acceptance',
      '--max-examples',
      '100',
      '--seed',
      '1',
    ];
    const args = [
      '-m',
      'schemathesis.cli',
      'run',
      `${service.address}/openapi.json`,
      ...options,
      '--suppress-health-check',
      'all',
    ];
    try {
      const { status, stdout, stderr } = runPython(python, args, folder);
      expect({ status, output: status === 0 ? '' : stdout.slice(-5000) + stderr }).toEqual({ status: 0, output: '' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
