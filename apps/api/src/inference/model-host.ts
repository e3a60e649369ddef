import { createSimdEngine } from '@digits/engine-simd/node';
import { type Model, numClassesOf, shapeSize } from '@digits/model';
import { loadModel, loadPretrainedInkModel, loadPretrainedTouchingModel } from '@digits/model/node';
import { type BatchingPredictor, type BatchObserver, createBatchingPredictor } from './batching.ts';
import type { RecentClients } from '../service/clients.ts';
import { ApiError } from '../service/errors.ts';
import type { ModelInfo } from '../service/metrics.ts';
import type { Settings } from '../service/settings.ts';
import { createPicturePool, type PictureObserver, type PicturePool, pictureLimitsOf } from './picture-pool.ts';

/** Model, and the predictors that use it. */
export interface ServedModel {
  readonly model: Model;
  /** Number of logits per image. */
  readonly numOutputs: number;
  readonly predictor: BatchingPredictor;
  readonly pictures: PicturePool;
}

/**
 * State of the service: `loading` until a model is loaded, `draining` after the signal to end while it still accepts requests,
 * `closing` when it refuses them.
 */
export type ServiceState = 'loading' | 'ready' | 'draining' | 'closing';

/** Options of a {@link ModelHost}. */
export interface ModelHostOptions {
  readonly settings: Settings;
  /** Path of the built `picture-worker.js`. */
  readonly workerFile: string;
  readonly onBatch: BatchObserver;
  /** Called after every attempt to load a model. */
  readonly onLoad: (isLoaded: boolean) => void;
  readonly onPicture: PictureObserver;
  /** Clients that share the service. */
  readonly recent: RecentClients;
}

/** Owns the served model and the state of the service. */
export class ModelHost {
  readonly #options: ModelHostOptions;
  #served: ServedModel | null = null;
  /** The current load; the next one waits for it. */
  #loading: Promise<unknown> = Promise.resolve();
  /** The load that waits for the current one. */
  #next: Promise<ServedModel> | null = null;
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

  /** The served model, null before the first is loaded. */
  get served(): ServedModel | null {
    return this.#served;
  }

  /** Facts about the served model, null before the first is loaded. */
  get info(): ModelInfo | null {
    if (this.#served === null) return null;
    const { modelName: name, modelVersion: version } = this.#options.settings;
    const { preset, weightsSha256 } = this.#served.model.metadata;
    return { name, version, preset: preset ?? 'none', weightsSha256 };
  }

  /**
   * Returns the served model.
   *
   * @throws ApiError `NOT_READY` before the first is loaded
   */
  requireServed(): ServedModel {
    if (this.#served === null) throw new ApiError('NOT_READY', 'the model is still loading; retry in a few seconds');
    return this.#served;
  }

  /**
   * Loads the model from the folder in the settings and serves it; the previous model answers the requests that it has accepted.
   *
   * Calls during a load share the next one, which reads the folder after all of them.
   *
   * @throws Error if the folder holds no model, or one whose input is not 28x28x1; the previous model stays
   */
  load(): Promise<ServedModel> {
    this.#next ??= this.#loading.then(() => {
      this.#next = null;
      return this.#load();
    });
    const loaded = this.#next;
    this.#loading = loaded.then(
      () => {
        this.#options.onLoad(true);
      },
      () => {
        this.#options.onLoad(false);
      },
    );
    return loaded;
  }

  async #load(): Promise<ServedModel> {
    const { settings, workerFile, onBatch, onPicture, recent } = this.#options;
    const [model, inkModel, touchingModel] = await Promise.all([
      loadModel(settings.modelDir),
      loadPretrainedInkModel(),
      loadPretrainedTouchingModel(),
    ]);
    const { inputShape } = model.architecture;
    if (inputShape.join('x') !== '28x28x1') {
      throw new Error(`the model's input must be 28x28x1, got ${inputShape.join('x')}`);
    }
    const engine = createSimdEngine({ threads: settings.threads });
    const limits = { maxBatch: settings.maxBatch, waitMs: settings.batchWaitMs, maxQueue: settings.maxQueue };
    const predictor = createBatchingPredictor(
      await engine.createPredictor(model.architecture, model.weights),
      shapeSize(inputShape),
      limits,
      onBatch,
      recent,
    );
    const { maxPixels, maxExplained } = settings;
    const workerData = { model, inkModel, touchingModel, maxPixels, maxExplained };
    const pictures = await createPicturePool(workerData, workerFile, pictureLimitsOf(settings), onPicture);
    const previous = this.#served;
    this.#served = { model, numOutputs: numClassesOf(model.architecture), predictor, pictures };
    if (this.#state === 'loading') this.#state = 'ready';
    if (previous !== null) await disposeModel(previous);
    return this.#served;
  }

  /** Makes the service not ready; it still answers. */
  drain(): void {
    this.#state = 'draining';
  }

  /** Makes the service refuse requests. */
  close(): void {
    this.#state = 'closing';
  }

  /** Answers the accepted requests, then frees the model. */
  async dispose(): Promise<void> {
    this.close();
    // Workers must not be ended while they load their modules: Node 20 aborts then.
    await this.#loading;
    const served = this.#served;
    this.#served = null;
    if (served !== null) await disposeModel(served);
  }
}

async function disposeModel({ predictor, pictures }: ServedModel): Promise<void> {
  await Promise.all([predictor.dispose(), pictures.dispose()]);
}
