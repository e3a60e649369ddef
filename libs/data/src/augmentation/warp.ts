/** Height and width of a one-channel image, in pixels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** For each pixel, how far from it its value is taken: `[height, width]` int32 each, in 1/256 pixel. */
export interface DisplacementField {
  readonly dx: Int32Array;
  readonly dy: Int32Array;
}

/**
 * An affine map from output to source, both as offsets from the picture's centre: `[a, b, c, d, e, f]` int32 with
 * source x = a x + b y + c and source y = d x + e y + f; a, b, d and e in 1/4096, c and f in 2^-20 pixel.
 */
export type InverseMap = Int32Array;

/** Maps every pixel to itself. */
export const IDENTITY_MAP: InverseMap = Int32Array.of(4096, 0, 0, 0, 4096, 0);

/**
 * Moves pixels: output pixel p takes the source at map(p + displacement(p)), interpolated bilinearly, black outside.
 *
 * All of it is integer arithmetic that fits into int32 for sides up to 256, so that any implementation gives the same
 * bytes. With X = 256 x - 128 (width - 1) + dx and Y likewise, in 1/256 pixel from the centre:
 * - u = ((a X + b Y + c + 2048) >> 12) + 128 (width - 1), in 1/256 pixel from the first pixel; v likewise;
 * - the source pixels are at u >> 8 and one further, with weights 256 - (u & 255) and u & 255; likewise for v;
 * - the value is (sum of pixel * horizontal weight * vertical weight + 32768) >> 16.
 *
 * @param image `[height, width]` uint8
 * @param field null for no displacement
 * @returns a new image of the same size
 */
export function warp(image: Uint8Array, size: ImageSize, map: InverseMap, field: DisplacementField | null): Uint8Array {
  const { height, width } = size;
  const [a, b, c, d, e, f] = map;
  const centreX = 128 * (width - 1);
  const centreY = 128 * (height - 1);
  const warped = new Uint8Array(height * width);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const offsetX = 256 * x - centreX + (field === null ? 0 : field.dx[i]);
      const offsetY = 256 * y - centreY + (field === null ? 0 : field.dy[i]);
      const u = ((a * offsetX + b * offsetY + c + 2048) >> 12) + centreX;
      const v = ((d * offsetX + e * offsetY + f + 2048) >> 12) + centreY;
      warped[i] = sampleBilinearly(image, size, u, v);
    }
  }
  return warped;
}

/** The image at (u, v) in 1/256 pixel from its first pixel. */
function sampleBilinearly(image: Uint8Array, { height, width }: ImageSize, u: number, v: number): number {
  const left = u >> 8;
  const top = v >> 8;
  if (left < -1 || left >= width || top < -1 || top >= height) return 0;
  const right = u & 255;
  const bottom = v & 255;
  const hasLeft = left >= 0;
  const hasRight = left + 1 < width;
  const i = top * width + left;
  let sum = 0;
  if (top >= 0)
    sum += (256 - bottom) * ((hasLeft ? image[i] : 0) * (256 - right) + (hasRight ? image[i + 1] : 0) * right);
  if (top + 1 < height) {
    const j = i + width;
    sum += bottom * ((hasLeft ? image[j] : 0) * (256 - right) + (hasRight ? image[j + 1] : 0) * right);
  }
  return (sum + 32768) >> 16;
}
