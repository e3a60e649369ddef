import { type PictureFormat, supportedFormat } from '@digits/picture-files';
import type { Drawing } from '@digits/reader';
import type { FastifyBaseLogger } from 'fastify';
import { createHash } from 'node:crypto';
import { ApiError } from './errors.ts';
import type { FeedbackStore } from './feedback-store.ts';
import type { Metrics } from './metrics.ts';

/** Image file or drawing of a request. */
export type PictureSource = { readonly file: Uint8Array } | { readonly drawing: Drawing };

/** Side of the image of a drawing, and its margin, in pixels. */
const SIDE = 280;
const MARGIN = 40;

/** Width of a pen if the drawing has none, as a share of the longer side. */
const PEN_SHARE = 0.08;

/**
 * Keeps images for training. Corrected ones go to `labelled/CLASS/`, the form that `npm run train -- --add` reads, and rejected ones to
 * `unlabelled/`, from where a person moves them. File names are hashes of the content.
 */
export class Feedback {
  readonly #store: FeedbackStore;
  readonly #keepsRejected: boolean;
  readonly #metrics: Metrics;

  constructor(store: FeedbackStore, keepsRejected: boolean, metrics: Metrics) {
    this.#store = store;
    this.#keepsRejected = keepsRejected;
    this.#metrics = metrics;
  }

  /**
   * Stores an image with its right label.
   *
   * @throws ApiError `STORE_FULL` or `STORE_UNAVAILABLE`
   */
  async correct(source: PictureSource, label: string): Promise<void> {
    if (!/^[^./\\][^/\\]*$/.test(label)) {
      throw new ApiError(
        'INVALID_REQUEST',
        `label must be usable as the name of a folder, got "${label.slice(0, 40)}"`,
      );
    }
    await this.#save(`labelled/${label}`, source);
  }

  /** Stores an image that was rejected, if the settings say so, and logs a failure. The response does not wait for it. */
  keepRejected(source: PictureSource, log: FastifyBaseLogger): void {
    if (!this.#keepsRejected) return;
    this.#save('unlabelled', source).catch((err: unknown) => {
      if (!(err instanceof ApiError && err.code === 'STORE_FULL')) log.warn({ err }, 'rejected image not stored');
    });
  }

  async #save(folder: string, source: PictureSource): Promise<void> {
    const { bytes, format } = await toFile(source);
    const name = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
    let outcome;
    try {
      outcome = await this.#store.save(`${folder}/${name}.${format}`, bytes);
    } catch (cause) {
      this.#metrics.countFeedback('failed');
      throw new ApiError('STORE_UNAVAILABLE', 'the store of images must be writable; its failure is in the log', {
        cause,
      });
    }
    this.#metrics.countFeedback(outcome);
    if (outcome === 'full') throw new ApiError('STORE_FULL', 'the store of images has no room; ask its operator');
  }
}

async function toFile(source: PictureSource): Promise<{ readonly bytes: Uint8Array; readonly format: PictureFormat }> {
  if ('file' in source) return { bytes: source.file, format: supportedFormat(source.file) };
  const { default: sharp } = await import('sharp');
  const bytes = await sharp(Buffer.from(drawingToSvg(source.drawing)))
    .flatten({ background: 'white' })
    .png()
    .toBuffer();
  return { bytes, format: 'png' };
}

/** Draws strokes in black on white, scaled to fit a square with a margin. */
function drawingToSvg({ strokes, penWidth = 0 }: Drawing): string {
  const points = strokes.flat();
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis] ?? 0));
  const [minX, minY] = [xs, ys].map((values) => values.reduce((a, b) => Math.min(a, b), Infinity));
  const [maxX, maxY] = [xs, ys].map((values) => values.reduce((a, b) => Math.max(a, b), -Infinity));
  const span = Math.max(maxX - minX, maxY - minY);
  if (!Number.isFinite(span)) throw new ApiError('INVALID_STROKES', 'strokes must have points of a finite distance');
  const inner = SIDE - 2 * MARGIN;
  const scale = span > 0 ? inner / span : 0;
  const at = (value: number, min: number, max: number): string =>
    ((value - (min + max) / 2) * scale + SIDE / 2).toFixed(2);
  // The margin bounds the pen.
  const width = Math.min(Math.max(penWidth * scale, PEN_SHARE * inner), MARGIN);
  const lines = strokes
    .filter((stroke) => stroke.length > 0)
    .map((stroke) => {
      const path = stroke.map(([x, y]) => `${at(x, minX, maxX)} ${at(y, minY, maxY)}`);
      // A path of one point has no length, and without that it would not be painted.
      return `<path d="M${path[0]} L${path.slice(path.length > 1 ? 1 : 0).join(' L')}"/>`;
    });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}"><g fill="none" stroke="black" stroke-width="${width.toFixed(2)}" stroke-linecap="round" stroke-linejoin="round">${lines.join('')}</g></svg>`;
}
