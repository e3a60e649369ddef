/** Pixels of a mask that hang together, corners included. */
export interface Component {
  readonly label: number;
  /** Columns `left` to `right` and rows `top` to `bottom`, all inside. */
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
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
  const components: { -readonly [K in keyof Component]: Component[K] }[] = [];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (labels[i] === 0) continue;
      const root = roots[labels[i]];
      if (numbers[root] === 0) {
        numbers[root] = components.length + 1;
        components.push({ label: numbers[root], left: x, top: y, right: x, bottom: y, numPixels: 0 });
      }
      const component = components[numbers[root] - 1];
      if (x < component.left) component.left = x;
      if (x > component.right) component.right = x;
      component.bottom = y;
      component.numPixels++;
      labels[i] = component.label;
    }
  }
  return { labels, components };
}

/** @returns the longer side of the component's box, in pixels */
export function sizeOf(component: Component): number {
  return Math.max(component.right - component.left, component.bottom - component.top) + 1;
}
