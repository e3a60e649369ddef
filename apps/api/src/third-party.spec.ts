import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { saveMarkerModel } from './testing/marker-model.ts';
import { itWithPython, runPython } from './testing/python.ts';
import { type RunningService, startService } from './testing/running-service.ts';

const PYTHON = join(__dirname, '..', 'python');
const DEPLOY = join(__dirname, '..', '..', '..', 'deploy');

describe('independent clients of the Open Inference Protocol', () => {
  let model: string;
  let service: RunningService;
  beforeAll(async () => {
    model = await saveMarkerModel();
    // In a separate process, because this one blocks while Python runs.
    service = await startService(['--model', model, '--rate-limit', '0']);
  });
  afterAll(async () => {
    service.kill('SIGTERM');
    await service.ended;
    await rm(dirname(model), { recursive: true });
  });

  /** Returns what the client received. */
  function ask(python: string, client: string): unknown {
    const { status, stdout, stderr } = runPython(python, [
      join(PYTHON, 'protocol_clients.py'),
      client,
      service.address.replace('http://', ''),
    ]);
    if (status !== 0) throw new Error(`${client} must be answered, but it ended with ${String(status)}: ${stderr}`);
    return JSON.parse(stdout) as unknown;
  }

  itWithPython('tritonclient.http', 'tritonclient gets answers in JSON and in bytes', (python) => {
    const five = {
      id: 'q',
      digit: [3, 1, 4, 1, 5],
      best: [3, 1, 4, 1, 5],
      rejected: [false, false, false, false, false],
    };
    expect(ask(python, 'tritonclient')).toEqual({
      live: true,
      ready: true,
      modelReady: true,
      extensions: ['binary_tensor_data'],
      inputs: [{ name: 'images', datatype: 'FP32', shape: [-1, 28, 28, 1] }],
      'FP32 as bytes': five,
      'FP32 as JSON': five,
      'UINT8 as bytes': five,
      'UINT8 as JSON': five,
    });
  });

  itWithPython('kserve', 'kserve gets answers in JSON and in bytes', (python) => {
    const two = { digit: [9, 2], shape: [2, 10] };
    expect(ask(python, 'kserve')).toEqual({
      live: true,
      ready: true,
      modelReady: true,
      'FP32 as bytes': two,
      'FP32 as JSON': two,
    });
  });
});

describe('the manifests of deploy/', () => {
  itWithPython('kubernetes_validate, kserve', 'are valid for Kubernetes and KServe', (python) => {
    const files = ['kubernetes/digits-api.yaml', 'kserve/inference-service.yaml'].map((name) => join(DEPLOY, name));
    const { status, stdout, stderr } = runPython(python, [join(PYTHON, 'check_manifests.py'), ...files]);
    const kinds = [
      'Deployment',
      'Service',
      'HorizontalPodAutoscaler',
      'PodDisruptionBudget',
      'NetworkPolicy',
      'InferenceService',
    ];
    expect({ status, kinds: stdout.trim().split(/\r?\n/), stderr: status === 0 ? '' : stderr }).toEqual({
      status: 0,
      kinds,
      stderr: '',
    });
  });
});
