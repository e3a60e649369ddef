import { type ChartFrame, renderSvg } from './svg.ts';
import { AXIS_STYLE, COLOURS, FONT_SIZE, KEEP_LABELS } from './theme.ts';

/** What {@link confusionMatrixChart} draws. */
export interface ConfusionMatrixFigures extends ChartFrame {
  /** `[numClasses][numAnswers]` counts, rows = true class. */
  readonly counts: readonly (readonly number[])[];
  /** `[numClasses]`, 2 to 64. */
  readonly classNames: readonly string[];
  /** `[numAnswers]`, where there are other answers than the classes; default the class names. */
  readonly answerNames?: readonly string[];
}

/** How faint a filled cell may get, and from which strength on its text turns to the colour made for it. */
const FAINTEST = 0.12;
const STRONG = 0.75;

/**
 * Draws a confusion matrix as a heat map: right answers in one colour, by their share of the row, mistakes in another, by
 * the largest of them, so that a few mistakes among thousands of right answers can be seen.
 *
 * @returns an SVG element as text
 * @throws RangeError where the counts are not whole numbers, or not as many as the names
 */
export function confusionMatrixChart(figures: ConfusionMatrixFigures): string {
  const { counts, classNames, answerNames = classNames, width = 420, height = 410 } = figures;
  checkCounts(counts, classNames.length, answerNames.length);
  const cells = counts.flatMap((row, y) => row.map((count, x) => ({ x, y, count, row })));
  const largestMistake = Math.max(1, ...cells.filter(({ x, y }) => x !== y).map(({ count }) => count));
  const category = { ...AXIS_STYLE, type: 'category', splitLine: { show: false }, axisLine: { show: false } };
  const longest = Math.max(...answerNames.map(({ length }) => length));
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
        data: [...answerNames],
        name: 'answer',
        nameLocation: 'middle',
        nameGap: 6,
        axisLabel: { ...AXIS_STYLE.axisLabel, interval: 0, rotate: longest > 2 ? 55 : 0 },
      },
      yAxis: {
        ...category,
        data: [...classNames],
        name: 'true class',
        nameLocation: 'middle',
        nameGap: 8,
        inverse: true,
        axisLabel: { ...AXIS_STYLE.axisLabel, interval: 0 },
      },
      // A heat map must have one; the colours are those of the cells.
      visualMap: { show: false, min: 0, max: 1, inRange: {} },
      series: [
        {
          type: 'heatmap',
          silent: true,
          data: cells.map((cell) => cellMark(cell, largestMistake, classNames.length)),
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

function cellMark({ x, y, count, row }: Cell, largestMistake: number, numClasses: number) {
  const isRight = x === y;
  const total = row.reduce((sum, value) => sum + value, 0);
  const share = isRight ? count / Math.max(total, 1) : Math.sqrt(count / largestMistake);
  const strength = count === 0 ? 0 : FAINTEST + (1 - FAINTEST) * share;
  return {
    value: [x, y, 0],
    itemStyle: {
      color: strength === 0 ? COLOURS.grid : COLOURS.series[isRight ? 0 : 1],
      opacity: strength === 0 ? 0.25 : strength,
      borderRadius: 2,
      borderWidth: 0,
    },
    label: {
      show: count > 0,
      formatter: String(count),
      fontSize: numClasses > 16 ? 7 : FONT_SIZE - 1,
      opacity: 1,
      color: strength >= STRONG ? COLOURS.onFill : COLOURS.ink,
    },
  };
}

function checkCounts(counts: readonly (readonly number[])[], numClasses: number, numAnswers: number): void {
  const where = 'confusionMatrixChart: counts';
  if (numClasses < 2 || numClasses > 64) {
    throw new RangeError(`confusionMatrixChart: classNames must be 2 to 64, got ${numClasses}`);
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
