import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = 'pretrained';

/**
 * Names the folder of the model that ships with this package: `model.json`, `weights.bin`, and `README.md`, its model card. A program
 * that was bundled and left its packages behind looks beside itself.
 *
 * @param resolve finds a module's file; the default looks where this one is installed
 * @returns an absolute path
 */
export function pretrainedModelDirectory(
  resolve: (id: string) => string = createRequire(import.meta.url).resolve,
): string {
  try {
    return join(dirname(resolve('@digits/model/package.json')), FOLDER);
  } catch {
    return fileURLToPath(new URL(FOLDER, import.meta.url));
  }
}
