import type { Metadata } from 'next';
import { MODEL_FIGURES } from '../../generated/model-figures.ts';
import { ModelPage } from '../../model-page/model-page.tsx';

export const metadata: Metadata = { title: 'Model' };

/** The page at `/model/`. */
export default function Page() {
  return <ModelPage figures={MODEL_FIGURES} />;
}
