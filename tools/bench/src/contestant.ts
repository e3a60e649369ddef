/** One contestant's process: `node contestant.js NAME`. */
import type { EngineAnswer, PageBackend } from '@digits/browser-tests';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { engineContestant } from './contestants/engine-contestant.ts';
import { onnxruntimeContestant } from './contestants/onnxruntime-contestant.ts';
import { peakContestant } from './contestants/peak-contestant.ts';
import { type Contestant, serve } from './contestants/serve.ts';

const name = process.argv[2];
await serve(() => start(name));

async function start(contestant: string | undefined): Promise<Contestant> {
  switch (contestant) {
    case 'peak':
      return peakContestant();
    case 'engine-simd': {
      const { createSimdEngine } = await import('@digits/engine-simd/node');
      // All cores may be more than it takes: it chooses itself then.
      const createEngine = (threads: number) => createSimdEngine(threads < availableParallelism() ? { threads } : {});
      return engineContestant('engine-simd', (threads) => Promise.resolve(createEngine(threads)));
    }
    case 'tfjs-wasm':
      return tfjs('wasm');
    case 'tfjs-cpu':
      return tfjs('cpu');
    case 'tfjs-node':
      return tfjs('tensorflow');
    case 'page-wasm':
      return page('wasm');
    case 'page-webgl':
      return page('webgl');
    case 'page-webgpu':
      return page('webgpu');
    case 'page-cpu':
      return page('cpu');
    case 'onnxruntime':
      return onnxruntimeContestant();
    default:
      throw new RangeError(`contestant: name must be one of the bench's, got ${contestant ?? 'nothing'}`);
  }
}

async function tfjs(backend: 'wasm' | 'cpu' | 'tensorflow'): Promise<Contestant> {
  const { createTfjsEngine } = await import('@digits/engine-tfjs/node');
  const engine = await createTfjsEngine({ backend });
  return engineContestant(`TensorFlow.js ${tfjsVersion()} ${backend}`, () => Promise.resolve(engine));
}

/** TensorFlow.js in a page of Chromium: a call of many steps crosses over to the page, no single step does. */
async function page(backend: PageBackend): Promise<Contestant> {
  // Imported only here: no other contestant needs Playwright.
  const { findChromium, launchChromium, openTfjsPage, remoteEngine } = await import('@digits/browser-tests');
  const chromium = findChromium();
  if (chromium === null) throw new Error('contestant: Chromium must be installed, found none; set CHROMIUM_PATH');
  const browser = await launchChromium(chromium, 'software');
  const opened = await openTfjsPage(browser, backend);
  const engine = remoteEngine('tfjs', (request) => opened.call<EngineAnswer>('ask', request));
  return engineContestant(`TensorFlow.js ${tfjsVersion()} ${backend}, Chromium ${browser.version()}`, () =>
    Promise.resolve(engine),
  );
}

/** The engine pins it. */
function tfjsVersion(): string {
  const { dependencies } = createRequire(import.meta.url)('@digits/engine-tfjs/package.json') as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  return dependencies['@tensorflow/tfjs-core'];
}
