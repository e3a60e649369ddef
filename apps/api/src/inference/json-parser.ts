import { Piscina } from 'piscina';
import { ApiError, clientLeft } from '../service/errors.ts';
import { FairQueue } from '../service/fair-queue.ts';
import type { ImageRules } from './read-images.ts';
import type { JsonResult, JsonTask, TensorBody, TensorProtocol } from './tensor-json.ts';

/** Size from which JSON is parsed in the worker, in bytes; smaller JSON takes the main thread a few milliseconds at most. */
export const LARGE_JSON = 32 * 1024;

/** Time after which an idle worker ends, in milliseconds. */
const IDLE_MS = 5000;

/** Memory of the worker, in MiB: twice what the largest JSON takes. */
const MEMORY = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 32 };

/** Connection of a request. */
export interface Connection {
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}

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
   * @param connection connection of the body; if it is closed before the turn of the body, the body is not parsed
   * @throws ApiError as `readImages` does, and `INVALID_JSON`
   */
  async parse(
    protocol: TensorProtocol,
    client: string,
    bytes: Uint8Array,
    connection: Connection,
  ): Promise<TensorBody> {
    if (connection.destroyed) throw clientLeft();
    let leave = (): void => undefined;
    try {
      return await new Promise((resolve, reject) => {
        const task: Waiting = { protocol, bytes, rules: this.#rules, resolve, reject };
        leave = () => {
          if (this.#queue.remove(client, task)) reject(clientLeft());
        };
        connection.once('close', leave);
        this.#queue.push(client, bytes.length, task);
        if (!this.#isRunning) this.#running = this.#run();
      });
    } finally {
      connection.off('close', leave);
    }
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
