import { problem } from './problem.ts';

/** Values of [0, 1] are whole after scaling if they are this close: enough for four decimals, too little for anything but bytes. */
const TOLERANCE = 0.02;
const MAX_PIXEL = 255;
/** Limit on the pixels of one split. */
const MAX_PIXELS = 2 ** 31 - 1;

/** Collects the images of one split as bytes. Numbers from 0 to 255 are taken as they are; those from 0 to 1 are multiplied by 255. */
export class PixelRows {
  /** Blocks of whole rows, full but for the last one. */
  private readonly blocks: Uint8Array[] = [];
  private numRows = 0;
  private max = 0;
  private isScaled = false;
  private readonly rowsPerBlock: number;
  private readonly size: number;
  private readonly file: string;

  /**
   * @param size number of pixels of an image
   * @param file path of the file, for errors
   */
  constructor(size: number, file: string) {
    this.size = size;
    this.file = file;
    this.rowsPerBlock = Math.max(1, Math.floor(2 ** 22 / size));
  }

  get count(): number {
    return this.numRows;
  }

  /** Whether the values were all from 0 to 1. */
  get wereScaled(): boolean {
    return this.isScaled;
  }

  /**
   * Adds one image.
   *
   * @param values numbers, of which NaN is none
   * @param offset where the image begins in them
   * @param describe tells where value `i` of the image is, and what is there, for errors
   * @throws RangeError if a value is not a pixel, or the images are too many
   */
  add(
    values: ArrayLike<number>,
    offset: number,
    describe: (i: number) => { readonly where: string; readonly found: string },
  ): void {
    const block = this.nextBlock();
    const start = (this.numRows % this.rowsPerBlock) * this.size;
    for (let i = 0; i < this.size; i++) {
      const value = values[offset + i];
      const pixel = this.isScaled ? Math.round(value * MAX_PIXEL) : value;
      if (!(pixel >= 0 && pixel <= MAX_PIXEL)) throw wrongPixel(describe(i), this.isScaled);
      if (this.isScaled) {
        if (Math.abs(value * MAX_PIXEL - pixel) > TOLERANCE) throw wrongPixel(describe(i), true);
      } else if (!Number.isInteger(pixel)) {
        // The first fraction decides that all are from 0 to 1.
        if (this.max > 1 || value > 1) throw wrongPixel(describe(i), false);
        this.scaleAll();
        i--;
        continue;
      }
      block[start + i] = pixel;
      if (pixel > this.max) this.max = pixel;
    }
    this.numRows++;
  }

  /** Returns `[count, size]` uint8. */
  finish(): Uint8Array {
    if (!this.isScaled && this.max === 1) this.scaleAll();
    const pixels = new Uint8Array(this.numRows * this.size);
    this.blocks.forEach((block, i) => {
      const start = i * this.rowsPerBlock * this.size;
      pixels.set(block.subarray(0, pixels.length - start), start);
    });
    this.blocks.length = 0;
    return pixels;
  }

  private nextBlock(): Uint8Array {
    if ((this.numRows + 1) * this.size > MAX_PIXELS) {
      throw problem(
        this.file,
        `have at most ${MAX_PIXELS} pixels`,
        `more than ${this.numRows} images of ${this.size}`,
        'use fewer images',
      );
    }
    if (this.numRows % this.rowsPerBlock === 0) this.blocks.push(new Uint8Array(this.rowsPerBlock * this.size));
    return this.blocks[this.blocks.length - 1];
  }

  /** Turns the zeros and ones so far into pixels. */
  private scaleAll(): void {
    this.isScaled = true;
    this.max *= MAX_PIXEL;
    for (const block of this.blocks) {
      for (let i = 0; i < block.length; i++) block[i] *= MAX_PIXEL;
    }
  }
}

function wrongPixel(
  { where, found }: { readonly where: string; readonly found: string },
  isScaled: boolean,
): RangeError {
  return isScaled
    ? problem(
        where,
        'be n / 255 for a whole n from 0 to 255, as values before it are fractions from 0 to 1',
        found,
        'save the pixels as whole numbers from 0 to 255',
      )
    : problem(
        where,
        'be a whole number from 0 to 255, or all pixels n / 255',
        found,
        'save the pixels as whole numbers from 0 to 255',
      );
}
