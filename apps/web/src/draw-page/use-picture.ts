import { useCallback, useEffect, useRef, useState } from 'react';
import type { PictureReading } from '../recognition/read-picture.ts';
import { type PictureReader, startPictureReader } from '../workers/recogniser.ts';
import type { RecogniserState } from './use-recogniser.ts';

/** A picture that was opened. */
export type OpenedPicture =
  | { readonly status: 'reading'; readonly name: string; readonly address: string }
  | {
      readonly status: 'read';
      readonly name: string;
      /** For an `img`. */
      readonly address: string;
      readonly found: PictureReading;
    }
  | { readonly status: 'refused'; readonly name: string; readonly message: string };

/** Reads pictures, the one opened last. */
export function usePicture(recogniser: RecogniserState) {
  const [file, setFile] = useState<File | null>(null);
  const [picture, setPicture] = useState<OpenedPicture | null>(null);
  const address = useRef<string | null>(null);
  const reader = useRef<PictureReader | null>(null);

  // Another model is another reader.
  useEffect(
    () => () => {
      reader.current?.terminate();
      reader.current = null;
    },
    [recogniser],
  );

  const open = useCallback((next: File | null) => {
    if (address.current !== null) URL.revokeObjectURL(address.current);
    address.current = next === null ? null : URL.createObjectURL(next);
    setFile(next);
    setPicture(
      next === null || address.current === null
        ? null
        : { status: 'reading', name: next.name, address: address.current },
    );
  }, []);

  useEffect(() => {
    if (file === null || recogniser.status !== 'ready') return;
    let isWanted = true;
    const { name } = file;
    const read = async (): Promise<OpenedPicture> => {
      if (reader.current === null) {
        const started = startPictureReader();
        reader.current = started;
        try {
          await started.call('load', recogniser.files);
        } catch (error) {
          // One that did not start would never answer the next picture.
          started.terminate();
          if (reader.current === started) reader.current = null;
          throw error;
        }
      }
      const found = await reader.current.call('picture', file);
      if ('refused' in found) return { status: 'refused', name, message: found.refused };
      return { status: 'read', name, address: address.current ?? '', found };
    };
    void read()
      .catch((error: unknown): OpenedPicture => {
        const reason = error instanceof Error ? error.message : String(error);
        return { status: 'refused', name, message: `This picture could not be read: ${reason}` };
      })
      .then((next) => {
        if (isWanted) setPicture(next);
      });
    return () => {
      isWanted = false;
    };
  }, [file, recogniser]);

  return { picture, open };
}
