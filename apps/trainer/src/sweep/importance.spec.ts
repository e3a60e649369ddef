import { settingImportances } from './importance.ts';
import { proposeSettings, type TrialResult } from './sampler.ts';
import { parseDomain, type Space, type TrialSettings } from './space.ts';

function trialsOf(space: Space, numTrials: number, accuracyOf: (settings: TrialSettings) => number): TrialResult[] {
  return Array.from({ length: numTrials }, (_, trial) => {
    const settings = proposeSettings({ space, strategy: 'random', seed: 4, trial }, [], []) ?? {};
    return { settings, score: { accuracy: accuracyOf(settings), loss: 0 } };
  });
}

describe('settingImportances', () => {
  it('finds the setting that decides, on a logarithmic range as in a list', () => {
    const space = {
      rate: parseDomain('1e-4..1:log', ''),
      size: parseDomain('1..64:int', ''),
      type: parseDomain('a,b,c', ''),
    };
    const byRate = trialsOf(space, 60, ({ rate }) => -((Math.log10(Number(rate)) + 2) ** 2));
    const byType = trialsOf(space, 60, ({ type, rate }) => (type === 'b' ? 1 : 0) + Number(rate) / 1e6);
    expect(settingImportances(space, byRate)[0]).toMatchObject({ name: 'rate' });
    expect(settingImportances(space, byRate)[0].share).toBeGreaterThan(0.7);
    expect(settingImportances(space, byType)[0]).toMatchObject({ name: 'type' });
  });

  it('is the divergence that one computes by hand for lists', () => {
    const space = { a: parseDomain('1,2', ''), b: parseDomain('1,2', '') };
    const results = Array.from({ length: 8 }, (_, i): TrialResult => ({
      settings: { a: i < 4 ? 1 : 2, b: i % 4 < 2 ? 1 : 2 },
      score: { accuracy: i < 4 ? 1 - i / 100 : 0, loss: 0 },
    }));
    // The best two have a of 1 and b of 1: probabilities 3/4 and 1/4 against 1/2 and 1/2 for both settings alike.
    expect(settingImportances(space, results)).toEqual([
      { name: 'a', share: 0.5 },
      { name: 'b', share: 0.5 },
    ]);
  });

  it('says nothing of too few trials', () => {
    const space = { a: parseDomain('1,2', '') };
    expect(
      settingImportances(
        space,
        trialsOf(space, 7, () => 1),
      ),
    ).toEqual([]);
  });
});
