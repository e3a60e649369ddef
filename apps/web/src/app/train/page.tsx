import type { Metadata } from 'next';
import { presetFacts } from '../../train-page/preset-facts.ts';
import { TrainPage } from '../../train-page/train-page.tsx';

export const metadata: Metadata = { title: 'Train' };

/** The page at `/train/`. */
export default function Page() {
  return <TrainPage presets={presetFacts()} />;
}
