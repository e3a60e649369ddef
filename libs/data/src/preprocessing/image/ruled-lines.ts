/** A line is seen on at least this share of the way across the sheet; the rest may be hidden by writing. */
const SEEN_SHARE = 0.45;

/** A line runs across at least this share of the sheet. */
const SPAN_SHARE = 0.85;

/** Lines are at most this thick, as a share of the sheet's extent across them. */
const THICKNESS_SHARE = 0.015;

/** A gap in a line is at most this share of the way across the sheet. */
const GAP_SHARE = 0.08;

/** One line as far as it has been followed. */
interface Track {
  firstColumn: number;
  lastColumn: number;
  middle: number;
  numSeen: number;
  /** `[column, top, bottom]` of each run where the line is seen alone, flat. */
  readonly seen: number[];
  /** `[column, top, bottom]` of where it must lie within something thicker, flat. */
  readonly hidden: number[];
}

/**
 * Removes ruled and squared lines: thin tracks that run across most of the picture, level or upright within about
 * 5 degrees. Where writing crosses a line it is thicker than the line and stays whole.
 *
 * @param mask `[h, w]` of 0 and 1; changed in place
 * @returns how many lines were removed
 */
export function removeRuledLines(mask: Uint8Array, width: number, height: number): number {
  const level = findLines(mask, width, height, 1, width);
  const upright = findLines(mask, height, width, width, 1);
  const crossed = new Set(level.flatMap((line) => pixelsOf(line.hidden, 1, width)));
  const crossings = upright.flatMap((line) => pixelsOf(line.hidden, width, 1)).filter((i) => crossed.has(i));
  const removed = [
    ...level.flatMap((line) => pixelsOf(line.seen, 1, width)),
    ...upright.flatMap((line) => pixelsOf(line.seen, width, 1)),
    ...crossings,
  ];
  for (const i of removed) mask[i] = 0;
  return level.length + upright.length;
}

/**
 * @param along how far the next pixel along the lines is, in `mask`
 * @param across how far the next pixel across the lines is
 */
function findLines(mask: Uint8Array, length: number, breadth: number, along: number, across: number): Track[] {
  const maxThickness = Math.max(2, Math.round(THICKNESS_SHARE * breadth));
  const maxGap = Math.max(3, Math.round(GAP_SHARE * length));
  const tracks: Track[] = [];
  let active: Track[] = [];
  for (let column = 0; column < length; column++) {
    active = active.filter((track) => column - track.lastColumn <= maxGap);
    const offset = column * along;
    for (let row = 0; row < breadth; row++) {
      if (mask[offset + row * across] === 0) continue;
      const top = row;
      while (row < breadth && mask[offset + row * across] !== 0) row++;
      if (row - top > maxThickness) {
        hideTracks(active, column, top, row - 1);
        continue;
      }
      const middle = (top + row - 1) / 2;
      const track = nearestTrack(active, column, middle);
      if (track) {
        extend(track, column, middle, top, row - 1);
      } else {
        const started = { firstColumn: column, lastColumn: column, middle, numSeen: 0, seen: [], hidden: [] };
        extend(started, column, middle, top, row - 1);
        tracks.push(started);
        active.push(started);
      }
    }
  }
  const isLine = ({ firstColumn, lastColumn, numSeen }: Track): boolean =>
    lastColumn - firstColumn + 1 >= SPAN_SHARE * length && numSeen >= SEEN_SHARE * length;
  return tracks.filter(isLine);
}

function nearestTrack(active: readonly Track[], column: number, middle: number): Track | undefined {
  let nearest: Track | undefined;
  let nearestDistance = Infinity;
  for (const track of active) {
    const gap = column - track.lastColumn;
    if (gap === 0) continue;
    const distance = Math.abs(middle - track.middle);
    if (distance <= Math.min(1 + 0.1 * gap, 4) && distance < nearestDistance) {
      nearest = track;
      nearestDistance = distance;
    }
  }
  return nearest;
}

function extend(track: Track, column: number, middle: number, top: number, bottom: number): void {
  track.numSeen++;
  track.lastColumn = column;
  // Smoothed, so that a digit's stroke that leaves the line at an angle does not take the track along.
  track.middle += (middle - track.middle) / 4;
  track.seen.push(column, top, bottom);
}

/** Tracks that run into something thick go on within it, as thick as they were last seen. */
function hideTracks(active: readonly Track[], column: number, top: number, bottom: number): void {
  for (const track of active) {
    if (track.lastColumn === column || track.middle < top - 1 || track.middle > bottom + 1) continue;
    const half = (track.seen[track.seen.length - 1] - track.seen[track.seen.length - 2]) / 2;
    track.lastColumn = column;
    track.hidden.push(
      column,
      Math.max(top, Math.round(track.middle - half)),
      Math.min(bottom, Math.round(track.middle + half)),
    );
  }
}

/** @param runs `[column, top, bottom]` of each, flat */
function pixelsOf(runs: readonly number[], along: number, across: number): number[] {
  const pixels: number[] = [];
  for (let i = 0; i < runs.length; i += 3) {
    for (let row = runs[i + 1]; row <= runs[i + 2]; row++) pixels.push(runs[i] * along + row * across);
  }
  return pixels;
}
