import { normaliseImages } from '@digits/data';
import { type PixelModel, prepareJudgingPages, type TargetImages } from '@digits/model';
import { loadPixelModel } from '@digits/model/node';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatCount, PAGE_SETS, PIXEL_COLUMNS, pixelRow } from '../formats.ts';
import { createEngine } from '../run/engine.ts';
import type { PixelRunRecord, PixelSummary } from '../run/run-record.ts';
import { html, type Html, pngAddress } from './html.ts';
import { type ReportParts, runTiles, tile } from './report-parts.ts';

/** Pages in the gallery. */
const NUM_PICTURED = 12;

/**
 * Reads what the report of a network for pixels shows. The pages of its gallery are generated again.
 *
 * @throws Error if the model is damaged
 */
export async function pixelReport(run: PixelRunRecord): Promise<ReportParts> {
  const modelDir = join(run.path, 'model');
  const model = existsSync(join(modelDir, 'model.json')) ? await loadPixelModel(modelDir) : null;
  const { metrics } = run;
  return {
    model,
    notes: [],
    summary: metrics === null ? null : summarySection(run, metrics),
    sections: [
      metrics === null ? null : figuresSection(metrics),
      model === null ? null : await gallerySection(run, model),
    ],
  };
}

function summarySection(run: PixelRunRecord, metrics: PixelSummary): Html {
  const { validation } = metrics.figures;
  return html`<dl class="tiles">
    ${validation.map(({ channel, averagePrecision, f1 }) =>
      tile(`Average precision, ${channel}`, averagePrecision.toFixed(3), `best F1 ${f1.toFixed(3)}; validation pages`),
    )}
    ${runTiles(run, metrics)}
  </dl>`;
}

function figuresSection({ figures }: PixelSummary): Html {
  return html`<section>
    <h2>Figures</h2>
    <p>
      Of each pixel, by channel. The threshold is the probability from which a pixel counts, for the highest F1;
      precision and recall are those at it. The last column is the share of pixels that belong to the channel.
    </p>
    <div class="pair">
      ${PAGE_SETS.map(
        ([set, name]) =>
          html`<div class="card">
            <h3>${`${formatCount(figures.count)} ${name}`}</h3>
            <div class="scroll">
              <table>
                <thead>
                  <tr>
                    ${PIXEL_COLUMNS.map((column) => html`<th>${column}</th>`)}
                  </tr>
                </thead>
                <tbody>
                  ${figures[set].map(
                    (row) =>
                      html`<tr>
                        ${pixelRow(row).map((cell) => html`<td>${cell}</td>`)}
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>
          </div>`,
      )}
    </div>
  </section>`;
}

async function gallerySection({ description }: PixelRunRecord, model: PixelModel): Promise<Html> {
  const { config } = description;
  const validationSize = Math.min(NUM_PICTURED, config.validationSize);
  const { validation } = await prepareJudgingPages({ ...config, validationSize });
  const probabilities = await predictPixels(model, validation);
  const entries = await Promise.all(
    Array.from({ length: validation.count }, (_, index) =>
      galleryEntry(validation, probabilities, model.metadata.channels, index),
    ),
  );
  return html`<section>
    <h2>Validation pages</h2>
    <p>The first ${validation.count}: the page, what the network found on it, and what is there.</p>
    <ul class="pages">
      ${entries}
    </ul>
  </section>`;
}

/** @returns `[count, height, width, channels]` uint8, 255 for certain */
async function predictPixels({ architecture, weights }: PixelModel, { images }: TargetImages): Promise<Uint8Array> {
  // The one engine that gives the same bytes everywhere, so that the report does.
  const engine = await createEngine({ engine: 'simd', tfjsBackend: 'auto', threads: 1 });
  const predictor = await engine.createPredictor(architecture, weights);
  try {
    const logits = await predictor.predict(normaliseImages(images));
    return Uint8Array.from(logits, (logit) => Math.round(255 / (1 + Math.exp(-logit))));
  } finally {
    await predictor.dispose();
  }
}

async function galleryEntry(
  { images, targets, width, height }: TargetImages,
  probabilities: Uint8Array,
  channels: readonly string[],
  index: number,
): Promise<Html> {
  const size = width * height;
  const page = images.subarray(index * size, (index + 1) * size);
  const cellOf = async (data: Uint8Array, alternative: string) => {
    const address = await pngAddress({ data, width, height, channels: 1 });
    return html`<td><img src="${address}" alt="${alternative}" title="${alternative}" /></td>`;
  };
  const rowOf = (values: Uint8Array, what: string) =>
    Promise.all(
      channels.map((channel, c) => {
        const start = index * size * channels.length + c;
        const data = Uint8Array.from({ length: size }, (_, i) => values[start + i * channels.length]);
        return cellOf(data, `${what} ${channel} of page ${index}`);
      }),
    );
  return html`<li>
    <table>
      <thead>
        <tr>
          ${['page', ...channels].map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        <tr>
          ${await cellOf(page, `Page ${index}`)} ${await rowOf(probabilities, 'Predicted')}
        </tr>
        <tr>
          <td class="muted">what is there</td>
          ${await rowOf(targets, 'True')}
        </tr>
      </tbody>
    </table>
  </li>`;
}
