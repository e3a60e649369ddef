/** How the service runs; the command line and the environment give it. */
export interface Settings {
  /** The model's folder. */
  readonly modelDir: string;
  /** What clients call the model. */
  readonly modelName: string;
  readonly modelVersion: string;
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** The engine's, 1 to 8. */
  readonly threads: number;
  /** Most images of different requests that are answered together. */
  readonly maxBatch: number;
  /** How long an image waits for others, in milliseconds; 0 for those that are there already. */
  readonly batchWaitMs: number;
  /** Most images that wait or are being answered. */
  readonly maxQueue: number;
  /** Most images in one request. */
  readonly maxImages: number;
  /** Threads that read pictures and drawings. */
  readonly pictureWorkers: number;
  /** Most pictures that wait for one of them. */
  readonly maxPictures: number;
  /** Of a body, in bytes. */
  readonly maxBody: number;
  /** Of a picture, before it is decoded. */
  readonly maxPixels: number;
  /** For receiving a request, and for reading a picture, in milliseconds each; tensors wait no longer than the queue is. */
  readonly timeoutMs: number;
  /** Requests a minute from one address; 0 for no limit. */
  readonly rateLimit: number;
  /** Origins whose pages may ask; empty for none, `*` for all. */
  readonly corsOrigins: readonly string[];
  /** Any of them lets a client in; empty where all may ask. */
  readonly tokens: readonly string[];
  /** Whether the last entry of `X-Forwarded-For`, that of the one proxy in front, says who asks. */
  readonly trustProxy: boolean;
  /** How long requests are still taken after SIGTERM, while readiness is false already, in milliseconds. */
  readonly drainMs: number;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent';
}

/** Everything but the model's folder; what the command line's `--help` says. */
export const DEFAULT_SETTINGS: Omit<Settings, 'modelDir' | 'threads' | 'pictureWorkers'> = {
  modelName: 'digits',
  modelVersion: '1',
  host: 'localhost',
  port: 8080,
  maxBatch: 64,
  batchWaitMs: 0,
  maxQueue: 4096,
  maxImages: 2048,
  maxPictures: 32,
  maxBody: 16 * 1024 * 1024,
  maxPixels: 24_000_000,
  timeoutMs: 10_000,
  rateLimit: 6000,
  corsOrigins: [],
  tokens: [],
  trustProxy: false,
  drainMs: 0,
  logLevel: 'info',
};
