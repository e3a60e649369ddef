import { countParameters, PRESET_NAMES, presetConfig, type PresetName } from '@digits/model';
import type { Metadata } from 'next';
import { TrainPage } from '../../train-page/train-page.tsx';
import type { PresetFacts } from '../../train-page/training-form.tsx';

export const metadata: Metadata = { title: 'Train' };

const WORDS: Readonly<Record<PresetName, { readonly title: string; readonly description: string }>> = {
  fast: { title: 'Fast', description: 'Three small convolutions. Seconds.' },
  mlp: { title: 'Textbook', description: 'Dense layers and plain gradient descent.' },
  accurate: { title: 'Accurate', description: 'Six convolutions on distorted images. Minutes.' },
  world: {
    title: 'World',
    description: 'Also learns synthetic handwriting and images that are not digits: the recipe of the bundled model.',
  },
};

/** The page at `/train/`. */
export default function Page() {
  return <TrainPage presets={presetFacts()} />;
}

/** Returns the facts of every preset, quickest first. */
function presetFacts(): readonly PresetFacts[] {
  const order = Object.keys(WORDS);
  return [...PRESET_NAMES]
    .sort((a, b) => order.indexOf(a) - order.indexOf(b))
    .map((name) => {
      const { architecture, epochs, seed } = presetConfig(name);
      return { name, ...WORDS[name], parameters: countParameters(architecture).trainable, epochs, seed };
    });
}
