import type { Box } from './geometry.ts';

/** A decoded picture of any size. */
export interface Picture {
  /** `[height, width, channels]` uint8, row-major: grey, RGB or RGBA with straight (not premultiplied) alpha. */
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
}

/** One intermediate picture, for display. */
export interface PreparationStep {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** `[height, width]` uint8 grey. */
  readonly pixels: Uint8Array;
}

/** Why there is no image: `tooSmall`, a picture with fewer than 4 pixels a side; `blank`, no ink. */
export type NoImageReason = 'tooSmall' | 'blank';

/** What became of a drawing or a picture: the 28x28 image that a network takes, or the reason why there is none. */
export type PreparedImage =
  | {
      /** `[28, 28]` uint8, white ink on black. */
      readonly image: Uint8Array;
      /**
       * Position of the digit: in pixels of the picture, or in the unit of the strokes, from their outermost points, without the
       * pen's width.
       */
      readonly box: Box;
      readonly reason: null;
      readonly steps: readonly PreparationStep[];
    }
  | {
      readonly image: null;
      readonly box: null;
      readonly reason: NoImageReason;
      readonly steps: readonly PreparationStep[];
    };

/** The largest picture that is taken: a 50-megapixel photo; its RGBA is 200 MB. */
export const MAX_PICTURE_PIXELS = 50_000_000;

/** Fewer pixels a side cannot show a digit (the smallest fonts take 5). */
export const MIN_PICTURE_SIDE = 4;

/**
 * Checks that a picture is what its fields say.
 *
 * @throws RangeError where the size is not positive, over {@link MAX_PICTURE_PIXELS}, or not that of the data
 */
export function checkPicture(caller: string, picture: Picture): void {
  const { data, width, height, channels } = picture;
  const whole = Number.isInteger(width) && Number.isInteger(height);
  if (!whole || width < 1 || height < 1) {
    throw new RangeError(`${caller}: picture must have a positive whole width and height, got ${width}x${height}`);
  }
  if (width * height > MAX_PICTURE_PIXELS) {
    throw new RangeError(
      `${caller}: picture must have at most ${MAX_PICTURE_PIXELS} pixels, got ${width}x${height}; scale it down first`,
    );
  }
  if (![1, 3, 4].includes(channels)) {
    throw new RangeError(`${caller}: picture.channels must be 1 (grey), 3 (RGB) or 4 (RGBA), got ${channels}`);
  }
  const expected = width * height * channels;
  if (data.length !== expected) {
    throw new RangeError(
      `${caller}: picture.data must have ${width}x${height}x${channels} = ${expected} bytes, got ${data.length}`,
    );
  }
}
