import util from 'node:util';
import { loadNativeLibrary } from './native-library.ts';

function failing(message: string, code?: string): () => never {
  return () => {
    throw Object.assign(new Error(message), code === undefined ? {} : { code });
  };
}

describe('loadNativeLibrary', () => {
  it('loads the package by its name', () => {
    const names: string[] = [];
    const library = loadNativeLibrary((name) => names.push(name));
    expect([library, names]).toEqual([{ loaded: true }, ['@tensorflow/tfjs-node']]);
  });

  it('says in one line what would bring a package that is not installed', () => {
    const load = failing("Cannot find module '@tensorflow/tfjs-node'\nRequire stack:\n- here.js", 'MODULE_NOT_FOUND');
    expect(loadNativeLibrary(load)).toEqual({
      loaded: false,
      reason:
        '@tensorflow/tfjs-node is not installed; npm run setup:tfjs-node sets it up, backend "wasm" needs nothing',
    });
  });

  it.each([
    ['a part of it is missing', "Cannot find module './tfjs_binding.node'\nRequire stack:", 'MODULE_NOT_FOUND'],
    ['it breaks', 'util_1.isNullOrUndefined is not a function', undefined],
  ])('gives the first line of the reason when %s', (_, message, code) => {
    const library = loadNativeLibrary(failing(message, code));
    expect(library).toEqual({
      loaded: false,
      reason: `@tensorflow/tfjs-node is installed but does not load (${message.split('\n', 1)[0]}); npm run setup:tfjs-node may mend it, backend "wasm" needs nothing`,
    });
  });

  it('gives the package the functions that Node 23 took from node:util', () => {
    const former = util as unknown as Record<'isArray' | 'isNullOrUndefined', (value: unknown) => boolean>;
    const answers: boolean[] = [];
    loadNativeLibrary(() => {
      answers.push(former.isNullOrUndefined(null), former.isNullOrUndefined(undefined), former.isNullOrUndefined(0));
      answers.push(former.isArray([]), former.isArray(new Float32Array(0)));
    });
    expect(answers).toEqual([true, true, false, true, false]);
  });

  it('keeps back what is said of kernels that are there already, and nothing else', () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    loadNativeLibrary(() => {
      console.warn("The kernel 'Abs' for backend 'cpu' is already registered");
      console.warn('Something else');
    });
    console.warn("The kernel 'Add' for backend 'cpu' is already registered");
    expect(warn.mock.calls).toEqual([['Something else'], ["The kernel 'Add' for backend 'cpu' is already registered"]]);
    warn.mockRestore();
  });
});
