import { join } from 'node:path';
import { findPython, runPython } from './testing/python.ts';

const ROOT = join(__dirname, '..', '..', '..');

describe('the manifests of deploy/', () => {
  it('are what Kubernetes and KServe take', () => {
    const python = findPython('kubernetes_validate, kserve');
    if (python === null) return;
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
