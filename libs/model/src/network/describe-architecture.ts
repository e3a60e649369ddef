import { type Architecture, inferShapes } from './architecture.ts';
import { describeSettings } from './layers.ts';
import { shapeSize, showShape } from './shapes.ts';
import { countParameters, weightSpecs } from './weight-specs.ts';

/**
 * Shows an architecture as a text table: a line for each layer with its settings, output shape and parameters, then the total.
 *
 * @returns lines separated by `\n`, without one at the end
 * @throws RangeError as `inferShapes`
 */
export function describeArchitecture(architecture: Architecture): string {
  const shapes = inferShapes(architecture);
  const sizes = new Array<number>(architecture.layers.length).fill(0);
  for (const { layerIndex, shape } of weightSpecs(architecture)) sizes[layerIndex] += shapeSize(shape);
  const rows = [
    ['layer', 'type', 'settings', 'output', 'parameters'],
    ['input', '', '', showShape(architecture.inputShape), ''],
    ...architecture.layers.map((layer, i) => [
      layer.name,
      layer.type,
      describeSettings(layer),
      showShape(shapes[i]),
      showCount(sizes[i]),
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => alignCell(cell, widths, column))
      .join('  ')
      .trimEnd(),
  );
  const { total, trainable } = countParameters(architecture);
  return [...lines, `${showCount(total)} parameters, ${showCount(trainable)} trainable`].join('\n');
}

/** Numbers to the right, words to the left. */
function alignCell(cell: string, widths: readonly number[], column: number): string {
  return column === widths.length - 1 ? cell.padStart(widths[column]) : cell.padEnd(widths[column]);
}

/** Thousands separated by commas, whatever the host's language. */
function showCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
