import type { ModelFiles } from '@digits/model';

/** Where the site lies on its host; `''` for the root. Next writes the value in when it builds. */
const BASE_PATH = process.env.NEXT_PUBLIC_BASE_PATH ?? '';

const WORKERS = JSON.parse(process.env.NEXT_PUBLIC_WORKERS ?? '{}') as Readonly<Record<string, readonly string[]>>;

/** @returns the address of a file of the site, given from its root, e.g. `/pretrained/model.json` */
export function siteUrl(path: string): string {
  return `${BASE_PATH}${path}`;
}

/**
 * Fetches a file of the site.
 *
 * @throws Error if the host does not have it
 */
async function fetchFile(address: string): Promise<Response> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} must be there, got status ${response.status}`);
  return response;
}

/**
 * Fetches a model of the site.
 *
 * @param folder e.g. `pretrained`
 * @throws Error if the host does not have it
 */
export async function fetchModel(folder: string): Promise<ModelFiles> {
  const [json, weights] = await Promise.all([
    fetchFile(siteUrl(`/${folder}/model.json`)),
    fetchFile(siteUrl(`/${folder}/weights.bin`)),
  ]);
  return { modelJson: await json.text(), weightsBin: new Uint8Array(await weights.arrayBuffer()) };
}

/**
 * @param name of the file in `src/workers`, without its ending
 * @returns the address of its bundle
 */
export function workerUrl(name: string): string {
  return workerFiles(name)[0];
}

/**
 * @param name as for {@link workerUrl}
 * @returns the addresses of its bundle and of what that cannot start without
 */
export function workerFiles(name: string): readonly string[] {
  if (!Object.hasOwn(WORKERS, name)) {
    throw new RangeError(`workerFiles: name must be one of src/workers, got "${name}"`);
  }
  return WORKERS[name].map(siteUrl);
}
