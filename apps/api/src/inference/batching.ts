import type { Activation, Predictor } from '@digits/model';
import { setImmediate as immediate } from 'node:timers/promises';
import { RecentClients } from '../service/clients.ts';
import { ApiError, clientLeft } from '../service/errors.ts';
import { FairQueue } from '../service/fair-queue.ts';

/** Limits of the queue and its batches. */
export interface BatchLimits {
  /** Maximum number of images in one call of the predictor; larger requests are cut. */
  readonly maxBatch: number;
  /** How long the first image of a batch waits for others, in milliseconds; 0 batches those of the same turn of the event loop. */
  readonly waitMs: number;
  /** Maximum number of images that wait or are being answered. A client may have half of those that others leave free. */
  readonly maxQueue: number;
}

/** Origin of a request. */
export interface Origin {
  /** Client that shares the predictor with others. */
  readonly client: string;
  /** Whether the client has disconnected; the rest of its images is then left out. */
  readonly isGone?: () => boolean;
}

/** {@link Predictor} that answers waiting requests in batches, and gives each client the same share of them. */
export interface BatchingPredictor extends Predictor {
  /** Number of images that wait or are being answered. */
  readonly numQueued: number;
  /** @throws ApiError `OVERLOADED` if the queue has no room for more images of a client */
  requireRoom(client: string, numImages: number): void;
  /**
   * Waits for a turn of the event loop that no other caller gets, if there are many images: reading or writing them takes milliseconds, and
   * sockets are served in between.
   */
  turn(numImages: number): Promise<void>;
  /** @throws ApiError `OVERLOADED` if the queue has no room for the images; none of them are kept */
  predict(images: Float32Array, origin?: Origin): Promise<Float32Array>;
}

/** Callback for each batch: its number of images and the time that the network took. */
export type BatchObserver = (numImages: number, durationMs: number) => void;

interface Request {
  readonly images: Float32Array;
  readonly origin: Origin;
  /** Logits of the images so far, null before the first. */
  logits: Float32Array | null;
  /** Number of images without an answer. */
  numLeft: number;
  /** Whether some of its images were left out. */
  isDropped: boolean;
  readonly resolve: (logits: Float32Array) => void;
  readonly reject: (error: unknown) => void;
}

/** Images of a request that fit in a batch. */
interface Slice {
  readonly request: Request;
  readonly firstImage: number;
  readonly count: number;
}

type Outcome = { readonly logits: Float32Array } | { readonly error: unknown };

/** Slices that share a call of the predictor. */
interface Batch {
  readonly slices: readonly Slice[];
  readonly outcome: Promise<Outcome>;
}

/**
 * Time after which sockets are read between two batches, in milliseconds. The event loop takes up to 1000 messages of the engine's threads
 * in one turn, and each of them ends a batch and starts the next.
 */
const MAX_BUSY_MS = 4;

/** Maximum number of images of one client in a batch if several clients share the service; others wait for the batch. */
const MAX_SHARED = 8;

/** Number of images from which a request is read and answered in a separate turn of the event loop. */
const MANY_IMAGES = 64;

/** Origin of what the service itself predicts. */
const OWN: Origin = { client: '' };

/**
 * Puts a bounded queue in front of a predictor. Accepted requests are always answered. Those of a client keep their order; if several
 * clients wait, each gets the same number of images answered, so one that sends many or large requests delays only itself.
 *
 * @param imageSize number of values per image
 * @param observe called after every batch
 * @param recent clients that share the service
 */
export function createBatchingPredictor(
  predictor: Predictor,
  imageSize: number,
  limits: BatchLimits,
  observe: BatchObserver = () => {},
  recent = new RecentClients(),
): BatchingPredictor {
  return new Batcher(predictor, imageSize, limits, observe, recent);
}

/** Owns the queue. */
class Batcher implements BatchingPredictor {
  readonly #predictor: Predictor;
  readonly #imageSize: number;
  readonly #limits: BatchLimits;
  readonly #observe: BatchObserver;
  readonly #recent: RecentClients;
  /** One buffer for all batches: they run one after the other, and the engine copies its input. */
  readonly #batch: Float32Array;
  readonly #queue = new FairQueue<Slice>();
  /** Number of images by client. */
  readonly #queuedBy = new Map<string, number>();
  #lastTurn: Promise<void> = Promise.resolve();
  #numQueued = 0;
  #isRunning = false;
  #immediate: NodeJS.Immediate | null = null;
  #timeout: NodeJS.Timeout | null = null;
  #onIdle: (() => void) | null = null;

  constructor(
    predictor: Predictor,
    imageSize: number,
    limits: BatchLimits,
    observe: BatchObserver,
    recent: RecentClients,
  ) {
    this.#predictor = predictor;
    this.#imageSize = imageSize;
    this.#limits = limits;
    this.#observe = observe;
    this.#recent = recent;
    this.#batch = new Float32Array(limits.maxBatch * imageSize);
  }

  get numQueued(): number {
    return this.#numQueued;
  }

  requireRoom(client: string, numImages: number): void {
    const own = this.#queuedBy.get(client) ?? 0;
    const room = Math.floor((this.#limits.maxQueue - (this.#numQueued - own)) / 2);
    if (own + numImages > room) {
      throw new ApiError(
        'OVERLOADED',
        `the queue has room for ${room} images of this client and holds ${own}; retry in a second`,
      );
    }
  }

  async turn(numImages: number): Promise<void> {
    if (numImages <= MANY_IMAGES) return;
    this.#lastTurn = this.#lastTurn.then(() => immediate());
    await this.#lastTurn;
  }

  async predict(images: Float32Array, origin = OWN): Promise<Float32Array> {
    const { client } = origin;
    const numImages = images.length / this.#imageSize;
    this.requireRoom(client, numImages);
    this.#count(client, numImages);
    return new Promise((resolve, reject) => {
      const request: Request = { images, origin, logits: null, numLeft: numImages, isDropped: false, resolve, reject };
      const maxCount = Math.min(MAX_SHARED, this.#limits.maxBatch);
      for (let firstImage = 0; firstImage < numImages; firstImage += maxCount) {
        const count = Math.min(maxCount, numImages - firstImage);
        this.#queue.push(client, count, { request, firstImage, count });
      }
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

  #count(client: string, change: number): void {
    this.#numQueued += change;
    const own = (this.#queuedBy.get(client) ?? 0) + change;
    if (own > 0) this.#queuedBy.set(client, own);
    else this.#queuedBy.delete(client);
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
    let yieldedAt = performance.now();
    while (batch !== null) {
      const outcome: Outcome = await batch.outcome;
      // The next batch starts before these are answered: the engine's threads compute while this thread writes.
      const next = this.#startBatch();
      this.#answer(batch.slices, outcome);
      batch = next;
      if (performance.now() - yieldedAt > MAX_BUSY_MS) {
        await immediate();
        yieldedAt = performance.now();
      }
    }
    this.#isRunning = false;
    if (this.#numQueued === 0) this.#onIdle?.();
  }

  /** Removes slices that fit in a batch from the queue, in turns between the clients. */
  #takeBatch(): readonly Slice[] {
    const taken: Slice[] = [];
    const takenOf = new Map<string, number>();
    const maxOfClient = this.#recent.areSeveral ? MAX_SHARED : this.#limits.maxBatch;
    let room = this.#limits.maxBatch;
    while (room > 0) {
      const slice = this.#queue.take(
        ({ count }, client) => count <= room && (takenOf.get(client) ?? 0) + count <= maxOfClient,
      );
      if (slice === undefined) break;
      if (slice.request.origin.isGone?.() === true) {
        this.#drop(slice);
        continue;
      }
      taken.push(slice);
      const { client } = slice.request.origin;
      takenOf.set(client, (takenOf.get(client) ?? 0) + slice.count);
      room -= slice.count;
    }
    return taken;
  }

  #drop({ request, count }: Slice): void {
    this.#count(request.origin.client, -count);
    request.isDropped = true;
    this.#settle(request, count);
  }

  /** Settles a request whose last images are answered or left out. */
  #settle(request: Request, count: number): void {
    request.numLeft -= count;
    if (request.numLeft > 0) return;
    if (request.isDropped) {
      request.reject(clientLeft());
    } else if (request.logits !== null) request.resolve(request.logits);
  }

  /** Starts the next batch; returns null if no request waits. */
  #startBatch(): Batch | null {
    const slices = this.#takeBatch();
    if (slices.length === 0) return null;
    const images = this.#join(slices);
    const startedAt = performance.now();
    const outcome = this.#predictor.predict(images).then(
      (logits) => {
        this.#observe(images.length / this.#imageSize, performance.now() - startedAt);
        return { logits };
      },
      (error: unknown) => ({ error }),
    );
    return { slices, outcome };
  }

  #answer(slices: readonly Slice[], outcome: Outcome): void {
    for (const { request, count } of slices) this.#count(request.origin.client, -count);
    if (!('logits' in outcome)) {
      for (const { request } of slices) request.reject(outcome.error);
      return;
    }
    const { logits } = outcome;
    const numOutputs = logits.length / slices.reduce((sum, { count }) => sum + count, 0);
    let first = 0;
    for (const { request, firstImage, count } of slices) {
      const own = slices.length === 1 ? logits : logits.slice(first * numOutputs, (first + count) * numOutputs);
      first += count;
      if (count * this.#imageSize === request.images.length) request.logits = own;
      else {
        request.logits ??= new Float32Array((request.images.length / this.#imageSize) * numOutputs);
        request.logits.set(own, firstImage * numOutputs);
      }
      this.#settle(request, count);
    }
  }

  #join(slices: readonly Slice[]): Float32Array {
    const imagesOf = ({ request, firstImage, count }: Slice): Float32Array =>
      request.images.subarray(firstImage * this.#imageSize, (firstImage + count) * this.#imageSize);
    const [{ request, firstImage }] = slices;
    // Slices of one request follow each other.
    if (slices.every((slice) => slice.request === request)) {
      const count = slices.reduce((sum, slice) => sum + slice.count, 0);
      return imagesOf({ request, firstImage, count });
    }
    let numValues = 0;
    for (const slice of slices) {
      const images = imagesOf(slice);
      this.#batch.set(images, numValues);
      numValues += images.length;
    }
    return this.#batch.subarray(0, numValues);
  }
}
