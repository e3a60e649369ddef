import type { Model } from '@digits/model';
import { formatCount } from '../formats.ts';
import { html, type Html, type Pixels, pngAddress } from './html.ts';

/** What the first layer looks for. */
export async function filtersSection(model: Model | null): Promise<Html | null> {
  const found = model === null ? null : firstLayerFilters(model);
  if (found === null) return null;
  const { layer, filters, numFilters } = found;
  const entries = await Promise.all(
    filters.map(async ({ index, picture }) => {
      const alternative = `Filter ${index} of layer ${layer}`;
      return html`<li>
        <img src="${await pngAddress(picture)}" alt="${alternative}" title="${alternative}" />
      </li>`;
    }),
  );
  const isLarge = (filters[0]?.picture.width ?? 0) > 7;
  return html`<section>
    <h2>First layer</h2>
    <p>
      ${filters.length === numFilters ? `The ${numFilters}` : `The ${filters.length} strongest of ${formatCount(numFilters)}`}
      filters of <code>${layer}</code>: ink on blue argues for the filter, ink on orange against it.
    </p>
    <ul class="${isLarge ? 'filters large' : 'filters'}">
      ${entries}
    </ul>
  </section>`;
}

/** One filter of the first layer that has weights, as a picture. */
interface FilterPicture {
  /** Its index among the layer's filters or units. */
  readonly index: number;
  readonly picture: Pixels;
}

/** What {@link firstLayerFilters} finds. */
interface FirstLayerFilters {
  readonly layer: string;
  readonly numFilters: number;
  /** The strongest first where there are more than are shown. */
  readonly filters: readonly FilterPicture[];
}

const POSITIVE = [47, 111, 224] as const;
const NEGATIVE = [200, 80, 15] as const;

/**
 * Shows what the first layer looks for: each filter's weights over the pixels it sees, positive blue, negative orange, zero transparent,
 * on one scale for all filters.
 *
 * @param max filters to show at most
 * @returns null if the first layer with weights does not see the image's pixels
 */
function firstLayerFilters({ architecture, weights }: Model, max = 32): FirstLayerFilters | null {
  const first = architecture.layers.find(({ type }) => type !== 'flatten');
  const kernel = weights.find(({ name }) => name === `${first?.name ?? ''}/kernel`);
  if (first === undefined || kernel === undefined) return null;
  const [height, width, channels] = architecture.inputShape;
  const [rows, columns, depth] = first.type === 'conv2d' ? kernel.shape : [height, width, channels];
  const numFilters = kernel.shape[kernel.shape.length - 1];
  const sums = averageOverChannels(kernel.values, rows * columns, depth, numFilters);
  const strengths = sums.map((values) => Math.hypot(...values));
  const order = [...strengths.keys()].sort((a, b) => strengths[b] - strengths[a]);
  const shown = numFilters > max ? order.slice(0, max) : [...strengths.keys()];
  const scale = Math.max(...shown.flatMap((index) => sums[index].map(Math.abs)), Number.MIN_VALUE);
  return {
    layer: first.name,
    numFilters,
    filters: shown.map((index) => ({
      index,
      picture: { data: colourise(sums[index], scale), width: columns, height: rows, channels: 4 },
    })),
  };
}

/** @param values `[places, depth, numFilters]` */
function averageOverChannels(values: Float32Array, numPlaces: number, depth: number, numFilters: number): number[][] {
  return Array.from({ length: numFilters }, (_, filter) =>
    Array.from({ length: numPlaces }, (__, place) => {
      let sum = 0;
      for (let channel = 0; channel < depth; channel++) sum += values[(place * depth + channel) * numFilters + filter];
      return sum / depth;
    }),
  );
}

function colourise(values: readonly number[], scale: number): Uint8Array {
  return Uint8Array.from(
    values.flatMap((value) => [...(value > 0 ? POSITIVE : NEGATIVE), Math.round((255 * Math.abs(value)) / scale)]),
  );
}
