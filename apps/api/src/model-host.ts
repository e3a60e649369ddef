import { createSimdEngine } from '@digits/engine-simd/node';
import { type Model, numClassesOf, shapeSize } from '@digits/model';
import { loadModel } from '@digits/model/node';
import { type BatchingPredictor, type BatchObserver, createBatchingPredictor } from './batching.ts';
import { ApiError } from './errors.ts';
import { createPicturePool, type PicturePool } from './pictures/picture-pool.ts';
import type { Settings } from './settings.ts';

/** A model and everything that answers with it. */
export interface ServedModel {
  readonly model: Model;
  /** Logits of an image. */
  readonly numOutputs: number;
  readonly predictor: BatchingPredictor;
  readonly pictures: PicturePool;
}

/**
 * What the service is doing: `loading` until the model can answer, `draining` once it was told to end but still takes requests,
 * `closing` when it refuses them.
 */
export type ServiceState = 'loading' | 'ready' | 'draining' | 'closing';

/** What a host is made with. */
export interface ModelHostOptions {
  readonly settings: Settings;
  /** The built `picture-worker.js`. */
  readonly workerFile: string;
  readonly onBatch: BatchObserver;
}

/** Owns the model that is served, and the state of the service. */
export class ModelHost {
  readonly #options: ModelHostOptions;
  #served: ServedModel | null = null;
  /** The load under way: one waits for the one before. */
  #loading: Promise<unknown> = Promise.resolve();
  #state: ServiceState = 'loading';

  constructor(options: ModelHostOptions) {
    this.#options = options;
  }

  get state(): ServiceState {
    return this.#state;
  }

  /** Whether a load balancer should send requests here. */
  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** The model in use, null while there is none. */
  get served(): ServedModel | null {
    return this.#served;
  }

  /** @throws ApiError `NOT_READY` while there is none */
  requireServed(): ServedModel {
    if (this.#served === null)
      throw new ApiError('NOT_READY', 'the model must be loaded first, and it is being loaded');
    return this.#served;
  }

  /**
   * Loads the model of the settings' folder and serves it; requests under way are answered by the one before.
   *
   * @throws Error where the folder holds none, or one that takes other images than 28x28 with one channel; the one before stays
   */
  load(): Promise<ServedModel> {
    const loaded = this.#loading.then(() => this.#load());
    this.#loading = loaded.catch(() => undefined);
    return loaded;
  }

  async #load(): Promise<ServedModel> {
    const { settings, workerFile, onBatch } = this.#options;
    const model = await loadModel(settings.modelDir);
    const { inputShape } = model.architecture;
    if (inputShape.join('x') !== '28x28x1') {
      throw new Error(`the model must take images of 28x28x1, got one that takes ${inputShape.join('x')}`);
    }
    const engine = createSimdEngine({ threads: settings.threads });
    const limits = { maxBatch: settings.maxBatch, waitMs: settings.batchWaitMs, maxQueue: settings.maxQueue };
    const predictor = createBatchingPredictor(
      await engine.createPredictor(model.architecture, model.weights),
      shapeSize(inputShape),
      limits,
      onBatch,
    );
    const pictures = createPicturePool(model, workerFile, {
      numWorkers: settings.pictureWorkers,
      maxPictures: settings.maxPictures,
      maxPixels: settings.maxPixels,
    });
    const previous = this.#served;
    this.#served = { model, numOutputs: numClassesOf(model.architecture), predictor, pictures };
    if (this.#state === 'loading') this.#state = 'ready';
    if (previous !== null) await disposeModel(previous);
    return this.#served;
  }

  /** From now on the service is not ready; it goes on answering. */
  drain(): void {
    this.#state = 'draining';
  }

  /** From now on requests are refused. */
  close(): void {
    this.#state = 'closing';
  }

  /** Answers what was accepted, then frees the model. */
  async dispose(): Promise<void> {
    this.close();
    const served = this.#served;
    this.#served = null;
    if (served !== null) await disposeModel(served);
  }
}

async function disposeModel({ predictor, pictures }: ServedModel): Promise<void> {
  await Promise.all([predictor.dispose(), pictures.dispose()]);
}
