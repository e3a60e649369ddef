/** What the page is given, and what it can do. */
export interface PageFacts {
  readonly isolated: boolean;
  readonly webgl: boolean;
  readonly webgpu: boolean;
  readonly doubled: Float32Array;
}

/** Called in the page. */
export async function run(numbers: Float32Array): Promise<PageFacts> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<unknown> } };
  return {
    isolated: globalThis.crossOriginIsolated,
    webgl: document.createElement('canvas').getContext('webgl2') !== null,
    webgpu: gpu !== undefined && (await gpu.requestAdapter()) !== null,
    doubled: numbers.map((number) => 2 * number),
  };
}

/** Called in the page. */
export function fail(): never {
  console.log('about to fail');
  throw new Error('meant to fail');
}
