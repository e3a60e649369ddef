import type { Model } from '@digits/model';
import { firstLayerFilters } from './first-layer-filters.ts';
import { html, type Html } from './html.ts';
import { pngAddress } from './png.ts';
import { showCount } from './summary.ts';

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
      ${filters.length === numFilters ? `The ${numFilters}` : `The ${filters.length} strongest of ${showCount(numFilters)}`}
      filters of <code>${layer}</code>: ink on blue argues for the filter, ink on orange against it.
    </p>
    <ul class="${isLarge ? 'filters large' : 'filters'}">
      ${entries}
    </ul>
  </section>`;
}
