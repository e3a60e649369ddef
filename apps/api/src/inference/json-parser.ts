import { Piscina } from 'piscina';
import { ApiError } from '../service/errors.ts';
import { FairQueue } from './fair-queue.ts';
import type { ImageRules } from './read-images.ts';
import type { JsonResult, JsonTask, TensorBody, TensorProtocol } from './tensor-json.ts';

/** Size from which JSON is parsed in the worker, in bytes; smaller JSON takes the main thread a few milliseconds at most. */
export const LARGE_JSON = 32 * 1024;

/** Time after which an idle worker ends, in milliseconds. */
const IDLE_MS = 5000;

/** Memory of the worker, in MiB: the largest JSON takes a quarter of it. */
const MEMORY = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 32 };

interface Waiting extends JsonTask {
  readonly resolve: (body: TensorBody) => void;
  readonly reject: (error: unknown) => void;
}

/** Parses large JSON in a thread, one body after the other and in turns between the clients, by size. */
export class JsonParser {
  readonly #pool: Piscina<JsonTask, JsonResult>;
  readonly #rules: ImageRules;
  readonly #queue = new FairQueue<Waiting>();
  #isRunning = false;
  #running: Promise<void> = Promise.resolve();

  /** @param workerFile path of the built `json-worker.js` */
  constructor(workerFile: string, rules: ImageRules) {
    this.#rules = rules;
    this.#pool = new Piscina({
      filename: workerFile,
      name: 'parse',
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: IDLE_MS,
      resourceLimits: MEMORY,
    });
  }

  /**
   * Parses a body and reads its tensor.
   *
   * @throws ApiError as `readImages` does, and `INVALID_JSON`
   */
  parse(protocol: TensorProtocol, client: string, bytes: Uint8Array): Promise<TensorBody> {
    return new Promise((resolve, reject) => {
      this.#queue.push(client, bytes.length, { protocol, bytes, rules: this.#rules, resolve, reject });
      if (!this.#isRunning) this.#running = this.#run();
    });
  }

  /** Parses what waits, then ends the worker. */
  async dispose(): Promise<void> {
    await this.#running;
    await this.#pool.destroy();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let task = this.#queue.take(); task !== undefined; task = this.#queue.take()) {
      const { protocol, bytes, rules, resolve, reject } = task;
      try {
        // A copy in separate memory, because memory that moves to the thread is lost here.
        const own = new Uint8Array(bytes);
        const result = await this.#pool.run({ protocol, bytes: own, rules }, { transferList: [own.buffer] });
        if ('refused' in result) reject(new ApiError(result.refused, result.message));
        else resolve(result);
      } catch (error) {
        reject(error);
      }
    }
    this.#isRunning = false;
  }
}
