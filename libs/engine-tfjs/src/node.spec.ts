import { createTfjsEngine } from './node.ts';
import { loadNativeLibrary, type NativeLibrary } from './node/native-library.ts';

jest.mock('./node/native-library.ts', () => ({ loadNativeLibrary: jest.fn() }));

/** As if the package were there, or not. */
function withNativeLibrary(library: NativeLibrary): void {
  jest.mocked(loadNativeLibrary).mockReturnValue(library);
}

describe('createTfjsEngine in Node', () => {
  it('takes wasm by default where the native library does not load', async () => {
    withNativeLibrary({ loaded: false, reason: 'it is not installed' });
    expect((await createTfjsEngine()).backend).toBe('wasm');
  });

  it('passes on why the native library does not load where it was asked for', async () => {
    withNativeLibrary({ loaded: false, reason: 'it is not installed' });
    await expect(createTfjsEngine({ backend: 'tensorflow' })).rejects.toThrow(
      'createTfjsEngine: backend "tensorflow" is not available: it is not installed',
    );
  });

  it('says so where the native library loads and brings nothing', async () => {
    withNativeLibrary({ loaded: true });
    await expect(createTfjsEngine({ backend: 'tensorflow' })).rejects.toThrow(
      'createTfjsEngine: backend "tensorflow" is not available: @tensorflow/tfjs-node loads but has no backend',
    );
  });
});
