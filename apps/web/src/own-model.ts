import type { ModelFiles } from '@digits/model';
import { del, get, set } from 'idb-keyval';

/** Key under which the browser keeps the model that answers instead of the bundled one. */
const KEY = 'own-model';

/** Limit of a network without an output for "not a digit". */
export const CANNOT_REJECT =
  'It was trained on digits only, so it reads a digit in everything, even a scribble or a letter, and may be confident.';

/** A model that was trained or opened in this browser. */
export interface OwnModel {
  /** What it is called on the page, e.g. `fast, trained here`. */
  readonly name: string;
  readonly files: ModelFiles;
}

/**
 * Makes a model the one that answers on the Draw page, in this browser, until {@link forgetOwnModel}.
 *
 * @throws Error in words for whoever reads the page, where the browser keeps nothing
 */
export async function keepOwnModel(model: OwnModel): Promise<void> {
  try {
    await set(KEY, model);
  } catch (cause) {
    throw new Error(
      'This browser could not keep the network: a private window keeps none, and neither does a full disk.',
      {
        cause,
      },
    );
  }
}

/** @returns the model that was kept, or null; null too where the browser keeps nothing (a private window) */
export async function readOwnModel(): Promise<OwnModel | null> {
  try {
    return (await get<OwnModel>(KEY)) ?? null;
  } catch {
    return null;
  }
}

/** Lets the bundled model answer again. */
export async function forgetOwnModel(): Promise<void> {
  await del(KEY);
}
