import { join } from 'node:path';
import { itWithPython, runPython } from './testing/python.ts';

const ROOT = join(__dirname, '..', '..', '..');

describe('the manifests of deploy/', () => {
  itWithPython('kubernetes_validate, kserve', 'are what Kubernetes and KServe take', (python) => {
    const files = ['kubernetes/digits-api.yaml', 'kserve/inference-service.yaml'].map((name) =>
      join(ROOT, 'deploy', name),
    );
    const script = join(ROOT, 'apps', 'api', 'python', 'check_manifests.py');
    const { status, stdout, stderr } = runPython(python, [script, ...files]);
    const kinds = ['Deployment', 'Service', 'HorizontalPodAutoscaler', 'PodDisruptionBudget', 'InferenceService'];
    expect({ status, kinds: stdout.trim().split(/\r?\n/), stderr: status === 0 ? '' : stderr }).toEqual({
      status: 0,
      kinds,
      stderr: '',
    });
  });
});
