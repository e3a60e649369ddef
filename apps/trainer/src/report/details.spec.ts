import type { RunRecord } from '../run/run-record.ts';
import { repeatCommand, repeatSection } from './details.ts';

const REQUEST = {
  preset: 'fast',
  dataset: 'mnist',
  engine: { engine: 'simd', tfjsBackend: 'auto', threads: 1 },
  out: '/runs/a',
  resume: false,
  checkpointSeconds: 60,
  settings: { seed: 42 },
} as const;

describe('repeatCommand', () => {
  it.each([
    ['/data/digits', '/data/digits'],
    ['/data/my digits', "'/data/my digits'"],
    ["/data/Ann's digits", `"/data/Ann's digits"`],
    ["/data/Ann's $5", String.raw`'/data/Ann'\''s $5'`],
  ])('quotes the folder %s for a shell', (dataset, quoted) => {
    const { command } = repeatCommand({ ...REQUEST, dataset });
    expect(command).toBe(`npm run train -- --preset fast --seed 42 --dataset ${quoted}`);
  });
});

describe('repeatSection', () => {
  const section = (extensions: readonly object[], type: string) =>
    repeatSection({
      description: { request: REQUEST, config: { epochs: 5, schedule: { type } }, extensions },
      metrics: null,
    } as unknown as RunRecord).html;

  it('does not promise the same weights of a run that was given more epochs, unless its learning rate is constant', () => {
    const extensions = [{ epochs: 3, epochsDone: 3 }];
    const text = 'This run was given more epochs (3, then 5), so repeating it in one go ends with other weights';
    expect(section(extensions, 'cosine')).toContain(text);
    expect(section(extensions, 'constant')).toContain('It ends with the same weights to the last bit');
    expect(section([], 'cosine')).toContain('It ends with the same weights to the last bit');
  });
});
