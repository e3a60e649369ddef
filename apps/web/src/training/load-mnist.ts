import { type LabelledImages, MNIST_SHA256, parseIdx } from '@digits/data';
import { sha256 } from '@digits/model';

/** Both splits, checked to be the original ones. */
export interface Mnist {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}

const NUM_CLASSES = 10;
/** The first two bytes of gzip data. */
const GZIP_MAGIC = [0x1f, 0x8b] as const;

/**
 * Fetches MNIST's four files from the site, unpacks and checks them.
 *
 * @param url of the folder that holds the four `.gz`
 * @param onProgress is told bytes as they come, packed
 * @throws Error when a file does not come, or is not the original
 */
export async function loadMnist(
  url: string,
  onProgress: (loadedBytes: number, totalBytes: number) => void,
): Promise<Mnist> {
  const names = Object.keys(MNIST_SHA256);
  const loaded = names.map(() => 0);
  const totals = names.map(() => 0);
  const files = await Promise.all(
    names.map(async (name, i) => {
      const packed = await fetchBytes(`${url}/${name}.gz`, (bytes, total) => {
        loaded[i] = bytes;
        totals[i] = Math.max(bytes, total);
        onProgress(sum(loaded), sum(totals));
      });
      const bytes = await unpack(packed, name);
      const hash = await hexHash(bytes);
      if (hash !== MNIST_SHA256[name]) {
        throw new Error(`loadMnist: ${name} must have the SHA-256 ${MNIST_SHA256[name]}, got ${hash}; reload the page`);
      }
      return bytes;
    }),
  );
  return { train: toSplit(files[0], files[1]), test: toSplit(files[2], files[3]) };
}

async function fetchBytes(url: string, onProgress: (loaded: number, total: number) => void): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok || response.body === null) {
    throw new Error(`loadMnist: ${url} must be there, got status ${response.status}; is this device offline?`);
  }
  const total = Number(response.headers.get('content-length') ?? 0);
  const parts: Uint8Array[] = [];
  let loaded = 0;
  const reader = response.body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    parts.push(next.value);
    loaded += next.value.length;
    onProgress(loaded, total);
  }
  const bytes = new Uint8Array(loaded);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Some hosts declare `.gz` as an encoding, so that the browser has unpacked it already. */
async function unpack(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  if (GZIP_MAGIC.some((byte, i) => bytes[i] !== byte)) return bytes;
  try {
    const plain = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(plain).arrayBuffer());
  } catch (cause) {
    throw new Error(`loadMnist: ${name}.gz must be whole gzip data, got damaged data; reload the page`, { cause });
  }
}

/** A page over plain http from another host has no `crypto.subtle`. */
async function hexHash(bytes: Uint8Array): Promise<string> {
  const subtle = (globalThis.crypto as Partial<Crypto>).subtle;
  if (subtle === undefined) return sha256(bytes);
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function toSplit(imageFile: Uint8Array, labelFile: Uint8Array): LabelledImages {
  const images = parseIdx(imageFile, { type: 'uint8', rank: 3 });
  const labels = parseIdx(labelFile, { type: 'uint8', rank: 1 });
  const [count, height, width] = images.shape;
  return {
    images: images.values,
    labels: labels.values,
    count,
    height,
    width,
    channels: 1,
    numClasses: NUM_CLASSES,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
