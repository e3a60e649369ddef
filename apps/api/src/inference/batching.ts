import type { Activation, Predictor } from '@digits/model';
import { ApiError } from '../service/errors.ts';

/** Limits of the queue and its batches. */
export interface BatchLimits {
  /** Maximum number of images of different requests in one call of the predictor; a larger request gets its own call. */
  readonly maxBatch: number;
  /** How long the first image of a batch waits for others, in milliseconds; 0 batches those of the same turn of the event loop. */
  readonly waitMs: number;
  /** Maximum number of images that wait or are being answered. */
  readonly maxQueue: number;
}

/** {@link Predictor} that answers waiting requests in one batch. */
export interface BatchingPredictor extends Predictor {
  /** Number of images that wait or are being answered. */
  readonly numQueued: number;
  /** @throws ApiError `OVERLOADED` if the queue has no room for one more image */
  requireRoom(): void;
}

/** Callback for each batch: its number of images and the time that the network took. */
export type BatchObserver = (numImages: number, durationMs: number) => void;

interface Waiting {
  readonly images: Float32Array;
  readonly resolve: (logits: Float32Array) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly logits: Float32Array } | { readonly error: unknown };

/** Requests that share a call of the predictor. */
interface Batch {
  readonly requests: readonly Waiting[];
  readonly outcome: Promise<Outcome>;
}

/**
 * Puts a bounded queue in front of a predictor. Accepted requests are always answered, in the order of their arrival.
 *
 * @param imageSize number of values per image
 * @param observe called after every batch
 */
export function createBatchingPredictor(
  predictor: Predictor,
  imageSize: number,
  limits: BatchLimits,
  observe: BatchObserver = () => {},
): BatchingPredictor {
  return new Batcher(predictor, imageSize, limits, observe);
}

/** Owns the queue. */
class Batcher implements BatchingPredictor {
  readonly #predictor: Predictor;
  readonly #imageSize: number;
  readonly #limits: BatchLimits;
  readonly #observe: BatchObserver;
  /** One buffer for all batches: they run one after the other, and the engine copies its input. */
  readonly #batch: Float32Array;
  #waiting: Waiting[] = [];
  #numQueued = 0;
  #isRunning = false;
  #immediate: NodeJS.Immediate | null = null;
  #timeout: NodeJS.Timeout | null = null;
  #onIdle: (() => void) | null = null;

  constructor(predictor: Predictor, imageSize: number, limits: BatchLimits, observe: BatchObserver) {
    this.#predictor = predictor;
    this.#imageSize = imageSize;
    this.#limits = limits;
    this.#observe = observe;
    this.#batch = new Float32Array(limits.maxBatch * imageSize);
  }

  get numQueued(): number {
    return this.#numQueued;
  }

  requireRoom(): void {
    if (this.#numQueued >= this.#limits.maxQueue) throw this.#fullError();
  }

  /** @throws ApiError `OVERLOADED` if the queue has no room for the images; none of them are kept */
  predict(images: Float32Array): Promise<Float32Array> {
    const count = images.length / this.#imageSize;
    if (this.#numQueued + count > this.#limits.maxQueue) return Promise.reject(this.#fullError());
    this.#numQueued += count;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ images, resolve, reject });
      this.#schedule();
    });
  }

  activations(image: Float32Array): Promise<readonly Activation[]> {
    return this.#predictor.activations(image);
  }

  /** Answers the waiting requests, then frees the predictor. */
  async dispose(): Promise<void> {
    if (this.#numQueued > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    await this.#predictor.dispose();
  }

  #fullError(): ApiError {
    return new ApiError(
      'OVERLOADED',
      `the queue has room for ${this.#limits.maxQueue} images and holds ${this.#numQueued}; retry in a second`,
    );
  }

  #schedule(): void {
    if (this.#isRunning) return;
    const { waitMs, maxBatch } = this.#limits;
    // Immediates run after the turn in which sockets are read, so all requests of that turn share a batch.
    if (waitMs === 0 || this.#numQueued >= maxBatch) this.#immediate ??= setImmediate(() => void this.#run());
    else this.#timeout ??= setTimeout(() => void this.#run(), waitMs);
  }

  async #run(): Promise<void> {
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    if (this.#timeout !== null) clearTimeout(this.#timeout);
    this.#immediate = this.#timeout = null;
    this.#isRunning = true;
    let batch = this.#startBatch();
    while (batch !== null) {
      const outcome = await batch.outcome;
      // The next batch starts before these are answered: the engine's threads compute while this thread writes.
      const next = this.#startBatch();
      this.#answer(batch.requests, outcome);
      batch = next;
    }
    this.#isRunning = false;
    if (this.#numQueued === 0) this.#onIdle?.();
  }

  /** Removes the first requests whose images fit in a batch, or the first one alone, from the queue. */
  #takeBatch(): readonly Waiting[] {
    let numTaken = 0;
    let numValues = 0;
    while (numTaken < this.#waiting.length) {
      const { length } = this.#waiting[numTaken].images;
      if (numTaken > 0 && numValues + length > this.#batch.length) break;
      numValues += length;
      numTaken++;
    }
    const taken = this.#waiting.slice(0, numTaken);
    this.#waiting = this.#waiting.slice(numTaken);
    return taken;
  }

  /** Starts the next batch; returns null if no request waits. */
  #startBatch(): Batch | null {
    if (this.#waiting.length === 0) return null;
    const requests = this.#takeBatch();
    const images = this.#join(requests);
    const startedAt = performance.now();
    const outcome = this.#predictor.predict(images).then(
      (logits) => {
        this.#observe(images.length / this.#imageSize, performance.now() - startedAt);
        return { logits };
      },
      (error: unknown) => ({ error }),
    );
    return { requests, outcome };
  }

  #answer(requests: readonly Waiting[], outcome: Outcome): void {
    const count = requests.reduce((sum, { images }) => sum + images.length / this.#imageSize, 0);
    this.#numQueued -= count;
    if (!('logits' in outcome)) {
      for (const request of requests) request.reject(outcome.error);
      return;
    }
    const { logits } = outcome;
    const numOutputs = logits.length / count;
    let first = 0;
    for (const request of requests) {
      const next = first + request.images.length / this.#imageSize;
      request.resolve(requests.length === 1 ? logits : logits.slice(first * numOutputs, next * numOutputs));
      first = next;
    }
  }

  #join(requests: readonly Waiting[]): Float32Array {
    if (requests.length === 1) return requests[0].images;
    let numValues = 0;
    for (const { images } of requests) {
      this.#batch.set(images, numValues);
      numValues += images.length;
    }
    return this.#batch.subarray(0, numValues);
  }
}
