/** A line that runs across the sheet covers at least this share of its width. */
const SHARE_OF_WIDTH = 0.6;

/** Pixels that one line takes, column by column. */
interface Track {
  lastColumn: number;
  lastMiddle: number;
  numColumns: number;
  firstColumn: number;
  /** `[column, top, bottom]` of each run, flat. */
  readonly runs: number[];
}

/**
 * Removes ruled and squared lines: thin tracks that run across most of the picture, level or upright within about
 * 5 degrees. Where writing crosses a line it is thicker than the line and stays whole.
 *
 * @param mask `[h, w]` of 0 and 1; changed in place
 * @returns how many pixels were removed
 */
export function removeRuledLines(mask: Uint8Array, width: number, height: number): number {
  const level = findLines(mask, width, height, 1, width);
  const upright = findLines(mask, height, width, width, 1);
  const removed = [...level, ...upright];
  for (const i of removed) mask[i] = 0;
  return removed.length;
}

/**
 * @param along how far the next pixel along the lines is, in `mask`
 * @param across how far the next pixel across the lines is
 * @returns the pixels of lines
 */
function findLines(mask: Uint8Array, length: number, breadth: number, along: number, across: number): number[] {
  const maxThickness = Math.max(2, Math.round(0.015 * breadth));
  const maxGap = Math.max(3, Math.round(0.12 * length));
  const tracks: Track[] = [];
  let active: Track[] = [];
  for (let column = 0; column < length; column++) {
    active = active.filter((track) => column - track.lastColumn <= maxGap);
    const offset = column * along;
    for (let row = 0; row < breadth; row++) {
      if (mask[offset + row * across] === 0) continue;
      const top = row;
      while (row < breadth && mask[offset + row * across] !== 0) row++;
      if (row - top > maxThickness) continue;
      const middle = (top + row - 1) / 2;
      const track = nearestTrack(active, column, middle);
      if (track) {
        extend(track, column, middle, top, row - 1);
      } else {
        const started = {
          firstColumn: column,
          lastColumn: column,
          lastMiddle: middle,
          numColumns: 1,
          runs: [column, top, row - 1],
        };
        tracks.push(started);
        active.push(started);
      }
    }
  }
  const isLine = (track: Track): boolean =>
    track.lastColumn - track.firstColumn + 1 >= 0.85 * length && track.numColumns >= SHARE_OF_WIDTH * length;
  return tracks.filter(isLine).flatMap((track) => pixelsOf(track, along, across));
}

function nearestTrack(active: readonly Track[], column: number, middle: number): Track | undefined {
  let nearest: Track | undefined;
  let nearestDistance = Infinity;
  for (const track of active) {
    const gap = column - track.lastColumn;
    if (gap === 0) continue;
    const distance = Math.abs(middle - track.lastMiddle);
    if (distance <= Math.min(1 + 0.1 * gap, 4) && distance < nearestDistance) {
      nearest = track;
      nearestDistance = distance;
    }
  }
  return nearest;
}

function extend(track: Track, column: number, middle: number, top: number, bottom: number): void {
  track.numColumns++;
  track.lastColumn = column;
  // Smoothed, so that a digit's stroke that leaves the line at an angle does not take the track along.
  track.lastMiddle += (middle - track.lastMiddle) / 4;
  track.runs.push(column, top, bottom);
}

function pixelsOf({ runs }: Track, along: number, across: number): number[] {
  const pixels: number[] = [];
  for (let i = 0; i < runs.length; i += 3) {
    for (let row = runs[i + 1]; row <= runs[i + 2]; row++) pixels.push(runs[i] * along + row * across);
  }
  return pixels;
}
