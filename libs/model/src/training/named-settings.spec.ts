import { describeSettings } from './named-settings.ts';
import { PIXEL_PRESET_NAMES, PRESET_NAMES, presetConfig, trainingConfigFor } from './presets.ts';

/** Names of all values in an object, with dots between an object's and its fields'. */
function pathsOf(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([key, entry]: [string, unknown]) => {
    const name = `${prefix}${key}`;
    const isObject = typeof entry === 'object' && entry !== null;
    return isObject ? pathsOf(entry, `${name}.`) : [name];
  });
}

const MNIST = { count: 60_000, height: 28, width: 28, channels: 1, numClasses: 10 };

describe('describeSettings', () => {
  it('names every setting of every preset, with the type that it belongs to', () => {
    const described = new Set(describeSettings().map(({ name }) => name));
    for (const preset of [...PRESET_NAMES, ...PIXEL_PRESET_NAMES]) {
      const { architecture, preset: name, ...settings } = presetConfig(preset);
      expect([architecture.layers.length > 0, name]).toEqual([true, preset]);
      expect(pathsOf(settings).filter((path) => !described.has(path))).toEqual([]);
    }
    expect([...described].filter((name) => /^(preset|architecture)/.test(name))).toEqual([]);
    expect(describeSettings().filter(({ name }) => name === 'optimizer.beta1')).toEqual([
      { name: 'optimizer.beta1', type: 'adam', values: 'number in [0, 1)', initial: 0.9 },
      { name: 'optimizer.beta1', type: 'adamw', values: 'number in [0, 1)', initial: 0.9 },
    ]);
  });

  it('gives the values that are taken', () => {
    const values = new Map(describeSettings().map((setting) => [setting.name, setting.values]));
    expect(
      ['epochs', 'averageDecay', 'precision', 'optimizer.type', 'optimizer.nesterov', 'earlyStopping'].map((name) => [
        name,
        values.get(name),
      ]),
    ).toEqual([
      ['epochs', 'whole number in [1, 100000]'],
      ['averageDecay', 'number in [0, 1), or null'],
      ['precision', 'float32, float16, uint8'],
      ['optimizer.type', 'sgd, adam, adamw'],
      ['optimizer.nesterov', 'true or false'],
      ['earlyStopping', 'its fields, or null'],
    ]);
    expect(values.get('augmentation.elastic.gridSize')).toBe('whole number in [2, 64]');
  });

  it('gives the values that a field gets if another one turns its group on', () => {
    const initial = new Map(describeSettings().map((setting) => [setting.name, setting.initial]));
    const { earlyStopping } = trainingConfigFor({ preset: 'mlp', settings: { 'earlyStopping.minDelta': 0.5 } }, MNIST);
    expect(earlyStopping).toEqual({ patience: initial.get('earlyStopping.patience'), minDelta: 0.5 });
    expect(initial.get('epochs')).toBeUndefined();
  });
});
