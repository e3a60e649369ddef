import { type Box, type RandomStream } from '@digits/data';
import {
  type CharacterKind,
  type CharacterSources,
  drawDigit,
  type DrawnCharacter,
  drawLetter,
  drawSketch,
  type Pen,
} from './characters.ts';

/** How characters are placed on a page. */
export type Layout = 'empty' | 'single' | 'line' | 'lines' | 'scattered';

/** A character on a page. */
export interface Character {
  readonly kind: CharacterKind;
  /** Digit from 0 to 9, or null for other characters. */
  readonly label: number | null;
  /** Box of its ink in pixels; may reach beyond the page. */
  readonly box: Box;
  /** Line of writing, counted from 0. */
  readonly line: number;
}

/** Ink on a page. */
export interface Writing {
  /** `[height, width]` uint8 coverage. */
  readonly ink: Uint8Array;
  readonly characters: readonly Character[];
}

/** Sides of a page and the height of its characters, in pixels. */
export interface PageSize {
  readonly width: number;
  readonly height: number;
  readonly characterHeight: number;
}

/** Layouts by how often they are drawn. */
const LAYOUTS: readonly Layout[] = [
  'empty',
  'single',
  'single',
  'single',
  'line',
  'line',
  'line',
  'lines',
  'lines',
  'lines',
  'lines',
  'scattered',
];

/** Ink that one page's writing is drawn with. */
class Paper {
  readonly ink: Uint8Array;
  readonly characters: Character[] = [];
  readonly size: PageSize;

  constructor(size: PageSize) {
    this.size = size;
    this.ink = new Uint8Array(size.width * size.height);
  }

  /** Adds a character whose canvas has its upper left corner at a whole pixel. */
  add(drawn: DrawnCharacter, left: number, top: number, kind: CharacterKind, label: number | null, line: number): void {
    const { width, height } = this.size;
    const box = inkBox(drawn);
    if (box === null) return;
    for (let v = 0; v < drawn.height; v++) {
      const y = top + v;
      if (y < 0 || y >= height) continue;
      for (let u = 0; u < drawn.width; u++) {
        const x = left + u;
        if (x < 0 || x >= width) continue;
        const i = y * width + x;
        const coverage = drawn.coverage[v * drawn.width + u];
        if (coverage > this.ink[i]) this.ink[i] = coverage;
      }
    }
    this.characters.push({ kind, label, line, box: { ...box, x: box.x + left, y: box.y + top } });
  }
}

/** Box of a canvas's ink, or null if it has none. */
function inkBox({ width, height, coverage }: DrawnCharacter): Box | null {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (coverage[i] < 64) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  return right < 0 ? null : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/**
 * Writes characters on a page.
 *
 * @param wanted layout, or undefined for any
 * @param seed keys the digits' strokes
 */
export function writePage(
  random: RandomStream,
  size: PageSize,
  wanted: Layout | undefined,
  seed: number,
  sources: CharacterSources,
): Writing {
  const paper = new Paper(size);
  const layout = wanted ?? random.pick(LAYOUTS);
  const writer = drawWriter(random, size, seed, sources);
  const { width, height, characterHeight } = size;
  switch (layout) {
    case 'empty':
      break;
    case 'single':
      writer.single(paper, 0.5 * width + random.around(0.35 * width), 0.5 * height + random.around(0.35 * height));
      break;
    case 'scattered': {
      const most = Math.max(1, Math.round((width * height) / (2.2 * characterHeight * characterHeight)));
      const count = random.integer(1, Math.min(40, most));
      for (let i = 0; i < count; i++) writer.single(paper, random.uniform(0, width), random.uniform(0, height));
      break;
    }
    case 'line':
      writer.line(paper, random.uniform(0.1, 0.9) * height, 0);
      break;
    case 'lines': {
      const pitch = characterHeight * random.uniform(1.1, 2.2);
      let line = 0;
      for (let y = random.uniform(-0.3, 0.8) * characterHeight; y < height + characterHeight; y += pitch) {
        writer.line(paper, y, line++);
      }
    }
  }
  return paper;
}

interface Writer {
  readonly single: (paper: Paper, centreX: number, centreY: number) => void;
  readonly line: (paper: Paper, middleY: number, line: number) => void;
}

/** Draws the habits of one writer: pen, slope of the lines, gaps. */
function drawWriter(random: RandomStream, size: PageSize, seed: number, sources: CharacterSources): Writer {
  const { width, characterHeight } = size;
  const thickness = random.uniform(0, 1);
  const pen: Pen = {
    radius: 0.006 + 0.113 * thickness * thickness,
    leastRadius: random.uniform(0.35, 0.75),
    pressure: random.uniform(0, 0.8),
  };
  const slope = random.chance(0.6) ? random.around(0.06) : random.around(0.5);
  const turn = slope + random.around(0.12);
  const gap = random.chance(0.25) ? random.uniform(-0.16, 0.06) : random.uniform(0.03, 0.5);
  const unevenness = random.chance(0.3) ? 0.45 : 0.15;
  const otherShare = random.chance(0.6) ? 0 : random.uniform(0.1, 0.9);

  const draw = (height: number): { drawn: DrawnCharacter; kind: CharacterKind; label: number | null } => {
    if (random.chance(otherShare)) {
      if (random.chance(0.75)) {
        return { drawn: drawLetter(random, sources.glyphs(), Math.max(6, height), turn), kind: 'letter', label: null };
      }
      return { drawn: drawSketch(random, sources.sketches, height, turn, pen), kind: 'sketch', label: null };
    }
    const available = sources.digits.flatMap((variants, digit) => (variants.length > 0 ? [digit] : []));
    const label = random.pick(available);
    return { drawn: drawDigit(random, sources.digits[label], seed, height, turn, pen), kind: 'digit', label };
  };
  const heightOf = (): number => Math.max(5, characterHeight * (1 + random.around(unevenness)));

  return {
    single(paper, centreX, centreY) {
      const { drawn, kind, label } = draw(heightOf());
      paper.add(drawn, Math.round(centreX - drawn.width / 2), Math.round(centreY - drawn.height / 2), kind, label, 0);
    },
    line(paper, middleY, line) {
      let x = random.chance(0.5) ? random.uniform(-0.5, 0.3) * width : random.uniform(-1, 0.5) * characterHeight;
      const end = random.chance(0.5) ? width : random.uniform(0.3, 1) * width;
      while (x < end) {
        const { drawn, kind, label } = draw(heightOf());
        const middle = middleY + slope * (x - width / 2) + random.around(0.12) * characterHeight;
        const box = inkBox(drawn);
        if (box === null) continue;
        paper.add(drawn, Math.round(x - box.x), Math.round(middle - drawn.height / 2), kind, label, line);
        const isSpace = random.chance(0.12);
        const space = isSpace ? random.uniform(0.5, 2.5) : gap + random.around(0.12);
        x += Math.max(2, box.width + space * characterHeight);
      }
    },
  };
}
