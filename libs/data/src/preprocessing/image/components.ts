import type { Box } from '../geometry.ts';

/** Pixels of a mask that hang together, corners included. */
export interface Component extends Box {
  readonly label: number;
  readonly numPixels: number;
}

export interface Labelling {
  /** `[h, w]`: 0 is no ink, else the component's label. */
  readonly labels: Int32Array;
  /** Component `label` is at index `label - 1`; ordered by their first pixel in reading order. */
  readonly components: readonly Component[];
}

/**
 * Labels connected components (8 neighbours), in two passes with union-find.
 *
 * @param mask `[h, w]` of 0 and 1
 */
export function labelComponents(mask: Uint8Array, width: number, height: number): Labelling {
  const labels = new Int32Array(width * height);
  const parents = [0];
  const find = (label: number): number => {
    while (parents[label] !== label) label = parents[label] = parents[parents[label]];
    return label;
  };
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (mask[i] === 0) continue;
      let label = x > 0 ? labels[i - 1] : 0;
      for (let dx = -1; y > 0 && dx <= 1; dx++) {
        if (x + dx < 0 || x + dx >= width) continue;
        const above = labels[i - width + dx];
        if (above === 0 || above === label) continue;
        if (label === 0) label = above;
        else parents[Math.max(find(above), find(label))] = Math.min(find(above), find(label));
      }
      if (label === 0) label = parents.push(parents.length) - 1;
      labels[i] = label;
    }
  }
  return collect(labels, parents.map(find), width, height);
}

function collect(labels: Int32Array, roots: readonly number[], width: number, height: number): Labelling {
  const numbers = new Int32Array(roots.length);
  const found: { label: number; left: number; top: number; right: number; bottom: number; numPixels: number }[] = [];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (labels[i] === 0) continue;
      const root = roots[labels[i]];
      if (numbers[root] === 0) {
        numbers[root] = found.length + 1;
        found.push({ label: numbers[root], left: x, top: y, right: x, bottom: y, numPixels: 0 });
      }
      const component = found[numbers[root] - 1];
      if (x < component.left) component.left = x;
      if (x > component.right) component.right = x;
      component.bottom = y;
      component.numPixels++;
      labels[i] = component.label;
    }
  }
  const components = found.map(({ label, left, top, right, bottom, numPixels }): Component => ({
    label,
    numPixels,
    x: left,
    y: top,
    width: right - left + 1,
    height: bottom - top + 1,
  }));
  return { labels, components };
}
