import type { Stroke } from '@digits/data';
import type { ModelFiles } from '@digits/model';
import type { Reading, ReadingMode } from '@digits/reader';
import { useCallback, useEffect, useRef, useState } from 'react';
import { readOwnModel } from '../own-model.ts';
import { fetchModel } from '../site-files.ts';
import type { LoadedModelFacts } from '../workers/loaded-model.ts';
import type { PictureCalls, PictureReading } from '../workers/picture-worker.ts';
import type { RecogniseCalls } from '../workers/recognise-worker.ts';
import { type StartedWorker, startWorker } from '../workers/start-worker.ts';
import { PEN_WIDTH, withoutStrayTaps } from './drawing.ts';

/** The worker that reads drawings, with a model in it. */
export interface ReadyRecogniser {
  readonly status: 'ready';
  readonly recogniser: StartedWorker<RecogniseCalls>;
  readonly files: ModelFiles;
  readonly facts: LoadedModelFacts;
  /** Name of the visitor's own model, or null if the bundled one answers. */
  readonly ownModelName: string | null;
}

/** The worker that reads drawings, and whether it can. */
export type RecogniserState =
  { readonly status: 'loading' } | ReadyRecogniser | { readonly status: 'failed'; readonly message: string };

/** Starts the worker and loads the model into it: the visitor's own where there is one. */
export function useRecogniser(): RecogniserState {
  const [state, setState] = useState<RecogniserState>({ status: 'loading' });
  useEffect(() => {
    const recogniser = startWorker<RecogniseCalls>('recognise-worker');
    let isWanted = true;
    const load = async (): Promise<RecogniserState> => {
      const bundled = fetchModel('pretrained');
      const own = await readOwnModel();
      const files = own?.files ?? (await bundled);
      const facts = await recogniser.call((worker) => worker.load(files));
      return { status: 'ready', recogniser, files, facts, ownModelName: own?.name ?? null };
    };
    void load()
      .catch((error: unknown): RecogniserState => ({ status: 'failed', message: messageOf(error) }))
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

interface DrawingReading {
  /** Null where nothing is drawn. */
  readonly reading: Reading | null;
  /** Reads what is on the surface while a stroke is drawn. */
  readonly sketch: (strokes: readonly Stroke[]) => void;
}

/** Keeps reading a drawing while it changes. */
export function useDrawingReading(recogniser: RecogniserState, strokes: readonly Stroke[]): DrawingReading {
  const [reading, setReading] = useState<Reading | null>(null);
  const reader = useRef<LatestReader<readonly Stroke[]> | null>(null);
  const latest = useRef(strokes);

  const sketch = useCallback((next: readonly Stroke[]) => {
    if (next === latest.current) return;
    latest.current = next;
    if (next.length > 0) {
      reader.current?.read(next);
      return;
    }
    reader.current?.forget();
    setReading(null);
  }, []);

  useEffect(() => {
    if (recogniser.status !== 'ready') return;
    reader.current = createLatestReader(
      (next: readonly Stroke[]) =>
        recogniser.recogniser.call((worker) =>
          worker.drawing({ strokes: withoutStrayTaps(next), penWidth: PEN_WIDTH }),
        ),
      setReading,
      reportError,
    );
    // What was drawn before the network was there.
    if (latest.current.length > 0) reader.current.read(latest.current);
    return () => reader.current?.forget();
  }, [recogniser]);

  useEffect(() => {
    sketch(strokes);
  }, [sketch, strokes]);
  return { reading, sketch };
}

/** A picture that was opened. */
export type OpenedPicture =
  | {
      readonly status: 'reading' | 'read';
      readonly name: string;
      /** For an `img`. */
      readonly address: string;
      /** The last reading; null before the first. While the picture is read in another mode, this is the previous one. */
      readonly found: PictureReading | null;
    }
  | { readonly status: 'refused'; readonly name: string; readonly message: string; readonly found: null };

interface PictureWorker {
  readonly worker: StartedWorker<PictureCalls>;
  /** The file that it decoded last. */
  decoded: File | null;
}

/** Reads pictures, the one opened last. */
export function usePicture(recogniser: RecogniserState) {
  const [request, setRequest] = useState<{ readonly file: File; readonly mode: ReadingMode } | null>(null);
  const [picture, setPicture] = useState<OpenedPicture | null>(null);
  const address = useRef<string | null>(null);
  const reader = useRef<PictureWorker | null>(null);

  // Another model is another reader.
  useEffect(
    () => () => {
      reader.current?.worker.terminate();
      reader.current = null;
    },
    [recogniser],
  );

  const open = useCallback((file: File | null) => {
    if (address.current !== null) URL.revokeObjectURL(address.current);
    address.current = file && URL.createObjectURL(file);
    setRequest(file && { file, mode: 'auto' });
    setPicture(file && { status: 'reading', name: file.name, address: address.current ?? '', found: null });
  }, []);
  const readAs = useCallback((mode: ReadingMode) => {
    setRequest((last) => last && { ...last, mode });
    setPicture((last) => (last?.status === 'read' ? { ...last, status: 'reading' } : last));
  }, []);

  useEffect(() => {
    if (request === null || recogniser.status !== 'ready') return;
    let isWanted = true;
    const { file, mode } = request;
    const { name } = file;
    const read = async (): Promise<OpenedPicture> => {
      const isNew = reader.current === null;
      const started = (reader.current ??= { worker: startWorker<PictureCalls>('picture-worker'), decoded: null });
      const isDecoded = started.decoded === file;
      started.decoded = file;
      try {
        // Both are asked at once: another picture that is opened meanwhile must not overtake this one.
        const [, found] = await Promise.all([
          isNew ? started.worker.call((worker) => worker.load(recogniser.files)) : null,
          started.worker.call(async (worker) => (isDecoded ? worker.again(mode) : worker.picture(file, mode))),
        ]);
        if ('refused' in found) return refused(name, found.refused);
        return { status: 'read', name, address: address.current ?? '', found };
      } catch (error) {
        // One that did not start, or broke, would never answer the next picture.
        started.worker.terminate();
        if (reader.current === started) reader.current = null;
        throw error;
      }
    };
    void read()
      .catch((error: unknown) => refused(name, `This picture could not be read: ${messageOf(error)}`))
      .then((next) => {
        if (isWanted) setPicture(next);
      });
    return () => {
      isWanted = false;
    };
  }, [request, recogniser]);

  /** The mode that was chosen; else the one that was used, or null before the first reading. */
  const mode = request === null || request.mode === 'auto' ? (picture?.found?.reading.mode ?? null) : request.mode;
  return { picture, mode, open, readAs };
}

function refused(name: string, message: string): OpenedPicture {
  return { status: 'refused', name, message, found: null };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Asks about one thing at a time; what comes meanwhile waits, and of that only the latest is asked about. */
interface LatestReader<Subject> {
  readonly read: (subject: Subject) => void;
  /** Drops what waits; the answer under way is not passed on. */
  readonly forget: () => void;
}

/**
 * Makes a {@link LatestReader}.
 *
 * @param ask answers, or fails
 * @param onAnswer is called with every answer, in the order asked
 */
export function createLatestReader<Subject, Answer>(
  ask: (subject: Subject) => Promise<Answer>,
  onAnswer: (answer: Answer) => void,
  onError: (error: unknown) => void,
): LatestReader<Subject> {
  let waiting: { readonly subject: Subject } | null = null;
  let isBusy = false;
  let generation = 0;
  const next = async (): Promise<void> => {
    isBusy = true;
    while (waiting !== null) {
      const { subject } = waiting;
      const asked = generation;
      waiting = null;
      try {
        const answer = await ask(subject);
        if (asked === generation) onAnswer(answer);
      } catch (error) {
        onError(error);
      }
    }
    isBusy = false;
  };
  return {
    read: (subject) => {
      waiting = { subject };
      if (!isBusy) void next();
    },
    forget: () => {
      waiting = null;
      generation++;
    },
  };
}
