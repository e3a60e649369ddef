import { presetConfig } from './presets.ts';
import { trainingConfigFor } from './training-request.ts';

const MNIST = { count: 60_000, height: 28, width: 28, channels: 1, numClasses: 10 };

describe('trainingConfigFor', () => {
  it('is the preset if nothing else is asked for', () => {
    expect(trainingConfigFor({ preset: 'fast', settings: {} }, MNIST)).toEqual(presetConfig('fast'));
  });

  it('holds out the same share of a smaller set, and fits the network to the images', () => {
    const config = trainingConfigFor(
      { preset: 'mlp', settings: {} },
      { ...MNIST, count: 6000, height: 16, numClasses: 3 },
    );
    expect(config.validationSize).toBe(Math.floor(presetConfig('mlp').validationSize / 10));
    expect(config.architecture.inputShape).toEqual([16, 28, 1]);
    expect(config.architecture.layers.at(-1)).toMatchObject({ units: 3 });
  });

  it('takes settings by name, by path and by the short name of the learning rate', () => {
    const settings = { seed: 7, epochs: 2, 'schedule.finalDivisor': 50, learningRate: 0.002 };
    const config = trainingConfigFor({ preset: 'fast', settings }, MNIST);
    expect([config.seed, config.epochs]).toEqual([7, 2]);
    expect(config.schedule).toMatchObject({ finalDivisor: 50, learningRate: 0.002 });
  });

  it('refuses settings that do not exist or are out of range, by name', () => {
    const config = (settings: Record<string, unknown>) => () => trainingConfigFor({ preset: 'fast', settings }, MNIST);
    expect(config({ epochs: 0 })).toThrow(/train: settings.*epochs.* got 0/);
    expect(config({ speed: 1 })).toThrow(/train: settings.*speed/);
    expect(config({ 'nothing.rate': 1 })).toThrow(
      new RangeError('train: settings.nothing.rate must be a field of an existing setting, got none'),
    );
  });
});
