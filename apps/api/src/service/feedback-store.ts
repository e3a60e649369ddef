import type { S3Client } from '@aws-sdk/client-s3';
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Limits of a store. */
export interface StoreLimits {
  /** Maximum number of images. */
  readonly maxImages: number;
  /** Maximum size of all images. */
  readonly maxBytes: number;
}

/** Outcome of storing an image: `full` if the store has no room for it. */
export type StoreOutcome = 'stored' | 'full';

/** Bounded store of images. */
export interface FeedbackStore {
  /**
   * Stores an image, if the store has room for it.
   *
   * @param path folders and file name, separated by slashes, without special names
   * @throws Error of the file system or of S3
   */
  save(path: string, bytes: Uint8Array): Promise<StoreOutcome>;
}

/** Number and size of the images in a store. */
interface Usage {
  numImages: number;
  numBytes: number;
}

/** Where images are stored. */
interface Medium {
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Counts the stored images. */
  measure(): Promise<Usage>;
}

/** Interval between counts of the stored images, in milliseconds; other replicas and people write and delete images, too. */
const MEASURE_MS = 60_000;

/**
 * Opens a store.
 *
 * @param address folder, or `s3://bucket/prefix`; the client for S3 is loaded only for that, and takes region, credentials and endpoint
 *   from the variables and files of AWS
 */
export async function openFeedbackStore(address: string, limits: StoreLimits): Promise<FeedbackStore> {
  return new BoundedStore(address.startsWith('s3://') ? await openS3(address) : folderMedium(address), limits);
}

/** Owns the count of the stored images. */
class BoundedStore implements FeedbackStore {
  readonly #medium: Medium;
  readonly #limits: StoreLimits;
  #usage: Promise<Usage> | null = null;
  #measuredAt = 0;

  constructor(medium: Medium, limits: StoreLimits) {
    this.#medium = medium;
    this.#limits = limits;
  }

  async save(path: string, bytes: Uint8Array): Promise<StoreOutcome> {
    const usage = await this.#measure();
    if (usage.numImages >= this.#limits.maxImages || usage.numBytes + bytes.length > this.#limits.maxBytes)
      return 'full';
    // Counted before it is written, or images stored at the same time could exceed the limits together.
    usage.numImages++;
    usage.numBytes += bytes.length;
    try {
      await this.#medium.write(path, bytes);
    } catch (error) {
      usage.numImages--;
      usage.numBytes -= bytes.length;
      throw error;
    }
    return 'stored';
  }

  #measure(): Promise<Usage> {
    if (this.#usage === null || performance.now() - this.#measuredAt > MEASURE_MS) {
      this.#measuredAt = performance.now();
      this.#usage = this.#medium.measure().catch((error: unknown) => {
        this.#usage = null;
        throw error;
      });
    }
    return this.#usage;
  }
}

function folderMedium(root: string): Medium {
  return {
    async write(path, bytes) {
      const target = join(root, path);
      // The trainer skips hidden files, so it never reads an incomplete one.
      const beside = join(target, '..', `.${path.replaceAll('/', '-')}.tmp`);
      await mkdir(join(target, '..'), { recursive: true });
      await writeFile(beside, bytes);
      await rename(beside, target);
    },
    async measure() {
      const usage: Usage = { numImages: 0, numBytes: 0 };
      await mkdir(root, { recursive: true });
      for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        usage.numImages++;
        usage.numBytes += (await stat(join(entry.parentPath, entry.name))).size;
      }
      return usage;
    },
  };
}

async function openS3(address: string): Promise<Medium> {
  const { S3Client, PutObjectCommand, paginateListObjectsV2 } = await import('@aws-sdk/client-s3');
  const { host: Bucket, pathname } = new URL(address);
  const prefix = pathname === '' || pathname === '/' ? '' : `${pathname.slice(1)}/`;
  const client: S3Client = new S3Client({
    // Servers other than Amazon's have no host name for each bucket.
    ...((process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL) ? { forcePathStyle: true } : {}),
  });
  return {
    async write(path, Body) {
      await client.send(new PutObjectCommand({ Bucket, Key: `${prefix}${path}`, Body }));
    },
    async measure() {
      const usage: Usage = { numImages: 0, numBytes: 0 };
      for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix: prefix })) {
        usage.numImages += Contents.length;
        for (const { Size = 0 } of Contents) usage.numBytes += Size;
      }
      return usage;
    },
  };
}
