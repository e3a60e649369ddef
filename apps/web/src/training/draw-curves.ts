import { lineChart } from '@digits/charts';
import type { RunCurves } from './run-curves.ts';

const CHART = { width: 480, height: 280, xName: '% of the run' } as const;

/** Gives both charts of a run as SVG elements. */
export type DrawCurves = (curves: ReturnType<RunCurves['read']>) => {
  readonly loss: string;
  readonly accuracy: string;
};

/** Draws the curves with `@digits/charts`. */
export const drawCurves: DrawCurves = ({ loss, accuracy }) => ({
  loss: lineChart({ ...CHART, title: 'Loss', series: loss }),
  accuracy: lineChart({ ...CHART, title: 'Accuracy', series: accuracy, format: 'percent' }),
});
