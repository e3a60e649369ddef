import type { ModelFiles } from '@digits/model';
import { useEffect, useState } from 'react';
import { readOwnModel } from '../own-model.ts';
import { siteUrl } from '../site-files.ts';
import { type Recogniser, startRecogniser } from '../workers/recogniser.ts';

/** Files of the model that ships with the site. */
const SHIPPED_MODEL = {
  modelJson: siteUrl('/pretrained/model.json'),
  weightsBin: siteUrl('/pretrained/weights.bin'),
} as const;

export type RecogniserState =
  | { readonly status: 'loading' }
  | {
      readonly status: 'ready';
      readonly recogniser: Recogniser;
      readonly files: ModelFiles;
      /** Name of the visitor's own model, or null where the shipped one answers. */
      readonly ownModelName: string | null;
    }
  | { readonly status: 'failed'; readonly message: string };

/** Starts the worker and loads the model into it: the visitor's own where there is one. */
export function useRecogniser(): RecogniserState {
  const [state, setState] = useState<RecogniserState>({ status: 'loading' });
  useEffect(() => {
    const recogniser = startRecogniser();
    let isWanted = true;
    const load = async (): Promise<RecogniserState> => {
      const shipped = fetchShippedModel();
      const own = await readOwnModel();
      const files = own?.files ?? (await shipped);
      await recogniser.call('load', files);
      return { status: 'ready', recogniser, files, ownModelName: own?.name ?? null };
    };
    void load()
      .catch((error: unknown): RecogniserState => {
        return { status: 'failed', message: error instanceof Error ? error.message : String(error) };
      })
      .then((next) => {
        if (isWanted) setState(next);
      });
    return () => {
      isWanted = false;
      recogniser.terminate();
    };
  }, []);
  return state;
}

async function fetchShippedModel(): Promise<ModelFiles> {
  const [json, weights] = await Promise.all([fetchFile(SHIPPED_MODEL.modelJson), fetchFile(SHIPPED_MODEL.weightsBin)]);
  return { modelJson: await json.text(), weightsBin: new Uint8Array(await weights.arrayBuffer()) };
}

async function fetchFile(address: string): Promise<Response> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} must be there, got status ${response.status}`);
  return response;
}
