import type { Box } from '../geometry.ts';

/** Side of a tile that the ink network takes, in pixels; its training pages have the same size. */
export const INK_TILE_SIZE = 96;

/** Pixels on each side of a tile that only give context: each pixel of an image is inside them in exactly one tile. */
export const INK_TILE_CONTEXT = 8;

/** What the ink network sees in a region of a picture: two planes, `[height, width]` float32 in [0, 1] each. */
export interface InkPlanes {
  readonly width: number;
  readonly height: number;
  /** Share of the pixel that handwriting or print covers. */
  readonly ink: Float32Array;
  /** Share of the pixel that belongs to printed lines, boxes and frames. */
  readonly ruling: Float32Array;
  /** Position of the planes in the picture, in pixels of the picture. */
  readonly region: Box;
}

/** Clockwise rotation in degrees. */
export type QuarterTurn = 0 | 90 | 180 | 270;

/** Converts a box from pixels of the planes to pixels of the picture. */
export function boxInPicture({ width, height, region }: Omit<InkPlanes, 'ink' | 'ruling'>, box: Box): Box {
  const scaleX = region.width / width;
  const scaleY = region.height / height;
  return {
    x: region.x + box.x * scaleX,
    y: region.y + box.y * scaleY,
    width: box.width * scaleX,
    height: box.height * scaleY,
  };
}

/** Rotates ink planes clockwise; `region` then counts in the pixels of a picture rotated alike, whose size is `picture` before. */
export function turnPlanes(
  planes: InkPlanes,
  turn: QuarterTurn,
  picture: { readonly width: number; readonly height: number },
): InkPlanes {
  if (turn === 0) return planes;
  const { width, height } = turn === 180 ? planes : { width: planes.height, height: planes.width };
  const rotate = (values: Float32Array): Float32Array => {
    const turned = new Float32Array(values.length);
    for (let y = 0, i = 0; y < planes.height; y++) {
      for (let x = 0; x < planes.width; x++, i++) {
        const [column, row] =
          turn === 90
            ? [planes.height - 1 - y, x]
            : turn === 180
              ? [planes.width - 1 - x, planes.height - 1 - y]
              : [y, planes.width - 1 - x];
        turned[row * width + column] = values[i];
      }
    }
    return turned;
  };
  return {
    width,
    height,
    ink: rotate(planes.ink),
    ruling: rotate(planes.ruling),
    region: turnBox(planes.region, turn, picture),
  };
}

/** Rotates a box clockwise together with its picture. */
export function turnBox(
  { x, y, width, height }: Box,
  turn: QuarterTurn,
  picture: { readonly width: number; readonly height: number },
): Box {
  switch (turn) {
    case 0:
      return { x, y, width, height };
    case 90:
      return { x: picture.height - y - height, y: x, width: height, height: width };
    case 180:
      return { x: picture.width - x - width, y: picture.height - y - height, width, height };
    case 270:
      return { x: y, y: picture.width - x - width, width: height, height: width };
  }
}
