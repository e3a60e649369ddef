import { preload, preloadModule } from 'react-dom';
import { DrawPage } from '../draw-page/draw-page.tsx';
import { siteUrl, workerFiles } from '../site-files.ts';

/** The page at `/`. */
export default function Page() {
  // The worker and the model are asked for by code that takes a moment to start.
  for (const file of workerFiles('recognise-worker')) preloadModule(file, { as: 'script' });
  for (const file of ['model.json', 'weights.bin']) {
    preload(siteUrl(`/pretrained/${file}`), { as: 'fetch', crossOrigin: 'anonymous' });
  }
  return <DrawPage />;
}
