import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fuzz } from './testing/fuzz.ts';
import { saveMarkerModel } from './testing/marker-model.ts';
import { startService } from './testing/running-service.ts';

describe('the running service', () => {
  it('answers 500 mutated requests soundly and lives on', async () => {
    const model = await saveMarkerModel();
    const service = await startService(['--model', model, '--rate-limit', '0', '--log-level', 'info']);
    try {
      expect(await fuzz(Number(new URL(service.address).port), 1, 500, 8)).toEqual([]);
      expect((await fetch(`${service.address}/v2/health/ready`)).status).toBe(200);
    } finally {
      service.kill('SIGTERM');
      await service.ended;
      await rm(dirname(model), { recursive: true });
    }
    expect(service.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });
});
