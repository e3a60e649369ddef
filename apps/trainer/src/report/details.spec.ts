import { repeatCommand } from './details.ts';

describe('repeatCommand', () => {
  it.each([
    ['/data/digits', '/data/digits'],
    ['/data/my digits', "'/data/my digits'"],
    ["/data/Ann's digits", `"/data/Ann's digits"`],
    ["/data/Ann's $5", String.raw`'/data/Ann'\''s $5'`],
  ])('quotes the folder %s for a shell', (dataset, quoted) => {
    const { command } = repeatCommand({
      preset: 'fast',
      dataset,
      engine: { engine: 'simd', tfjsBackend: 'auto', threads: 1 },
      out: '/runs/a',
      resume: false,
      checkpointSeconds: 60,
      settings: { seed: 42 },
    });
    expect(command).toBe(`npm run train -- --preset fast --seed 42 --dataset ${quoted}`);
  });
});
