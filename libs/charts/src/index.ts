export { barChart, type Bar, type BarChartFigures } from './bar-chart.ts';
export { confusionMatrixChart, type ConfusionMatrixFigures } from './confusion-matrix-chart.ts';
export { lineChart, type LineChartFigures, type LineSeries } from './line-chart.ts';
export {
  parallelCoordinatesChart,
  type ParallelAxis,
  type ParallelCoordinatesFigures,
  type ParallelLine,
} from './parallel-coordinates-chart.ts';
export {
  reliabilityDiagram,
  type ReliabilityDiagramBin,
  type ReliabilityDiagramFigures,
} from './reliability-diagram.ts';
export type { NumberFormat } from './numbers.ts';
export type { ChartFrame } from './svg.ts';
