import { type ChartFrame, renderSvg } from './svg.ts';
import { AXIS_STYLE, COLOURS, FONT_SIZE, KEEP_LABELS } from './theme.ts';

/** What {@link confusionMatrixChart} draws. */
export interface ConfusionMatrixFigures extends ChartFrame {
  /** `[numClasses][numAnswers]` counts, rows = true class. */
  readonly counts: readonly (readonly number[])[];
  /** `[numClasses]`, 2 to 256. */
  readonly classNames: readonly string[];
  /** `[numAnswers]`, where there are other answers than the classes; default the class names. */
  readonly answerNames?: readonly string[];
}

const MAX_CLASSES = 256;
/** Up to here the drawing has one size; beyond it grows with the classes. */
const MAX_SMALL_CLASSES = 16;
/** Longer names would leave no room for the cells. */
const MAX_NAME_LENGTH = 16;
/** Room for names of rows and columns beside the cells of a large matrix, for a name of one character and for each further one. */
const NAME_ROOM = 44;
const CHARACTER_WIDTH = 6;

/** How faint a filled cell may get, and from which strength on its text turns to the colour made for it. */
const FAINTEST = 0.12;
const STRONG = 0.75;

/**
 * Draws a confusion matrix as a heat map: right answers in one colour, by their share of the row, mistakes in another, by
 * the largest of them, so that a few mistakes among thousands of right answers can be seen. Each cell says what it counts when it is
 * pointed at; numbers are written into cells that have room for them, and names at as many rows and columns as have room.
 *
 * @returns an SVG element as text
 * @throws RangeError where the counts are not whole numbers, or not as many as the names
 */
export function confusionMatrixChart(figures: ConfusionMatrixFigures): string {
  const { counts, classNames, answerNames = classNames } = figures;
  checkCounts(counts, classNames.length, answerNames.length);
  const longest = Math.min(MAX_NAME_LENGTH, Math.max(...[...answerNames, ...classNames].map(({ length }) => length)));
  const layout = layoutOf(classNames.length, longest);
  const { width = layout.width, height = layout.height } = figures;
  const cells = counts
    .flatMap((row, y) => row.map((count, x) => ({ x, y, count, row })))
    .filter(({ x, y, count }) => layout.hasEmptyCells || count > 0 || x === y);
  const largestMistake = cells.reduce((largest, { x, y, count }) => (x === y ? largest : Math.max(largest, count)), 1);
  const category = { ...AXIS_STYLE, type: 'category', splitLine: { show: false }, axisLine: { show: false } };
  return renderSvg({
    caller: 'confusionMatrixChart',
    title: figures.title,
    description: figures.description ?? describe(cells, classNames, answerNames),
    width,
    height,
    markTitle: (_, datum) => {
      const { x, y, count } = cells[datum];
      return `${count} of true class ${classNames[y]} answered as ${answerNames[x]}`;
    },
    option: {
      grid: { left: 4, right: 4, top: 4, bottom: 4, ...KEEP_LABELS },
      xAxis: {
        ...category,
        data: answerNames.map(shorten),
        name: 'answer',
        nameLocation: 'middle',
        nameGap: 6,
        axisLabel: {
          ...AXIS_STYLE.axisLabel,
          ...layout.axisLabel,
          rotate: longest > 2 || !layout.hasEmptyCells ? layout.rotate : 0,
        },
      },
      yAxis: {
        ...category,
        data: classNames.map(shorten),
        name: 'true class',
        nameLocation: 'middle',
        nameGap: 8,
        inverse: true,
        axisLabel: { ...AXIS_STYLE.axisLabel, ...layout.axisLabel },
      },
      // A heat map must have one; the colours are those of the cells.
      visualMap: { show: false, min: 0, max: 1, inRange: {} },
      series: [
        {
          type: 'heatmap',
          silent: true,
          data: cells.map((cell) => cellMark(cell, largestMistake, layout)),
        },
      ],
    },
  });
}

interface Cell {
  readonly x: number;
  readonly y: number;
  readonly count: number;
  readonly row: readonly number[];
}

/** What of a drawing depends on its number of classes. */
interface Layout {
  readonly width: number;
  readonly height: number;
  /** Whether cells without a count are drawn; a grid of thousands of them would only be grey. */
  readonly hasEmptyCells: boolean;
  readonly axisLabel: { readonly interval: number; readonly fontSize?: number };
  /** Degrees by which the names of columns are turned. */
  readonly rotate: number;
  readonly countFontSize: number;
  /** Digits that a cell has room for. */
  readonly maxDigits: number;
}

function layoutOf(numClasses: number, longestName: number): Layout {
  if (numClasses <= MAX_SMALL_CLASSES) {
    const axisLabel = { interval: 0 };
    return { width: 420, height: 410, hasEmptyCells: true, axisLabel, rotate: 55, countFontSize: FONT_SIZE - 1, maxDigits: 9 }; // prettier-ignore
  }
  const cell = Math.min(18, Math.max(4, Math.round(860 / numClasses)));
  const side = cell * numClasses + NAME_ROOM + CHARACTER_WIDTH * longestName;
  return {
    width: side,
    height: side,
    hasEmptyCells: false,
    axisLabel: { interval: Math.ceil(FONT_SIZE / cell) - 1, fontSize: Math.min(FONT_SIZE, Math.max(10, cell - 4)) },
    rotate: 90,
    countFontSize: 8,
    maxDigits: Math.floor(cell / 5.5),
  };
}

function shorten(name: string): string {
  return name.length <= MAX_NAME_LENGTH ? name : `${name.slice(0, MAX_NAME_LENGTH - 1)}…`;
}

function cellMark(
  { x, y, count, row }: Cell,
  largestMistake: number,
  { hasEmptyCells, countFontSize, maxDigits }: Layout,
) {
  const isRight = x === y;
  const total = row.reduce((sum, value) => sum + value, 0);
  const share = isRight ? count / Math.max(total, 1) : Math.sqrt(count / largestMistake);
  const strength = count === 0 ? 0 : FAINTEST + (1 - FAINTEST) * share;
  return {
    value: [x, y, 0],
    itemStyle: {
      color: strength === 0 ? COLOURS.grid : COLOURS.series[isRight ? 0 : 1],
      opacity: strength === 0 ? 0.25 : strength,
      borderRadius: hasEmptyCells ? 2 : 0,
      borderWidth: 0,
    },
    label: {
      show: count > 0 && String(count).length <= maxDigits,
      formatter: String(count),
      fontSize: countFontSize,
      opacity: 1,
      color: strength >= STRONG ? COLOURS.onFill : COLOURS.ink,
    },
  };
}

function checkCounts(counts: readonly (readonly number[])[], numClasses: number, numAnswers: number): void {
  const where = 'confusionMatrixChart: counts';
  if (numClasses < 2 || numClasses > MAX_CLASSES) {
    throw new RangeError(`confusionMatrixChart: classNames must be 2 to ${MAX_CLASSES}, got ${numClasses}`);
  }
  if (counts.length !== numClasses) {
    throw new RangeError(`${where} must have ${numClasses} rows, one a class name, got ${counts.length}`);
  }
  counts.forEach((row, y) => {
    if (row.length !== numAnswers) {
      throw new RangeError(`${where}[${y}] must have ${numAnswers} columns, got ${row.length}`);
    }
    row.forEach((count, x) => {
      if (!Number.isSafeInteger(count) || count < 0) {
        throw new RangeError(`${where}[${y}][${x}] must be a whole number of at least 0, got ${count}`);
      }
    });
  });
}

function describe(cells: readonly Cell[], classNames: readonly string[], answerNames: readonly string[]): string {
  const sum = (some: readonly Cell[]) => some.reduce((total, { count }) => total + count, 0);
  const mistakes = cells.filter(({ x, y, count }) => x !== y && count > 0).sort((a, b) => b.count - a.count);
  const right = `${sum(cells) - sum(mistakes)} of ${sum(cells)} answers are right.`;
  if (mistakes.length === 0) return right;
  const most = mistakes
    .slice(0, 3)
    .map(({ x, y, count }) => `${classNames[y]} answered as ${answerNames[x]} (${count})`);
  return `${right} Most frequent mistakes: ${most.join(', ')}.`;
}
