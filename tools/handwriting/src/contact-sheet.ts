/** Pixels of grey. */
export interface GreyPicture {
  /** `[height, width]` uint8. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const GAP = 2;
const GAP_GREY = 150;

/**
 * Lays images out in rows, dark ink on white, with grey lines between them.
 *
 * @param images `[n, side, side]` uint8, white on black
 * @param scale whole pixels that each pixel becomes a side
 */
export function contactSheet(images: Uint8Array, side: number, columns: number, scale: number): GreyPicture {
  const count = images.length / (side * side);
  const pitch = side * scale + GAP;
  const width = columns * pitch;
  const height = Math.ceil(count / columns) * pitch;
  const pixels = new Uint8Array(width * height).fill(GAP_GREY);
  for (let i = 0; i < count; i++) {
    const left = (i % columns) * pitch;
    const top = Math.floor(i / columns) * pitch;
    for (let y = 0; y < side * scale; y++) {
      for (let x = 0; x < side * scale; x++) {
        const from = i * side * side + Math.floor(y / scale) * side + Math.floor(x / scale);
        pixels[(top + y) * width + left + x] = 255 - images[from];
      }
    }
  }
  return { pixels, width, height };
}
