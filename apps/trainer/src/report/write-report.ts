import type { LabelledImages } from '@digits/data';
import { writeFileSafely } from '@digits/model/node';
import { join } from 'node:path';
import { formatCount, percent } from '../formats.ts';
import { REPORT_FILE } from '../run/run-folder.ts';
import { readRunRecord, type RunRecord } from '../run/run-record.ts';
import { detailsSection, repeatSection } from './details.ts';
import { curvesSection, mistakesSection, testSection } from './figures.ts';
import { filtersSection } from './filters.ts';
import { renderPage } from './html-page.ts';
import { html, type Html } from './html.ts';
import { datasetName, readReportContent, type ReportContent } from './report-content.ts';
import { pixelReport } from './pixel-report.ts';
import { type ReportParts, runTiles, tile } from './report-parts.ts';

/**
 * Writes the report of a run into its folder.
 *
 * @param test the test split's images if the caller has them; otherwise they are read again. The gallery of mistakes is left out if
 *   they are gone or have changed
 * @returns the file's path, and what of the run could not be shown
 * @throws Error if the folder holds no run, or one of its files is damaged
 */
export async function writeReport(
  path: string,
  test?: LabelledImages,
): Promise<{ file: string; notes: readonly string[] }> {
  const run = await readRunRecord(path);
  const parts = run.kind === 'pixels' ? await pixelReport(run) : await classReport(await readReportContent(run, test));
  const file = join(path, REPORT_FILE);
  await writeFileSafely(file, renderReport(run, parts));
  return { file, notes: parts.notes };
}

async function classReport(content: ReportContent): Promise<ReportParts> {
  const { model, notes } = content;
  const sections = [testSection(content), await mistakesSection(content), await filtersSection(model)];
  return { model, notes, summary: summarySection(content), sections };
}

function renderReport(run: RunRecord, { model, notes, summary, sections }: ReportParts): string {
  const { description, metrics } = run;
  const preset = description.config.preset ?? 'custom';
  const header = html`<h1>${run.name}</h1>
    <div class="muted">
      Preset ${preset}, seed ${description.config.seed}, on ${datasetName(description.dataset.source)}; begun
      ${showTime(description.startedAt)}${status(run)}
    </div>
    ${notes.map((note) => html`<p class="notice">${note}</p>`)} ${metrics === null ? unfinished(run) : null} ${summary}`;
  const main = html`${curvesSection(run)} ${sections} ${repeatSection(run)} ${detailsSection(run, model)}
    <footer>
      Written by digits ${description.versions.digits} from the run's own files.
      <code>npm run report -- --run DIR</code> writes it again.
    </footer>`;
  return renderPage(`${run.name}: training report`, header, main);
}

function showTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

function status({ metrics }: RunRecord): string {
  switch (metrics?.stopped) {
    case undefined:
    case 'completed':
      return '';
    case 'earlyStopping':
      return '; stopped early, as validation no longer improved';
    case 'aborted':
      return '; interrupted, with the best weights until then';
  }
}

function unfinished({ history, description, kind, failure }: RunRecord): Html {
  if (failure !== null) return html`<p class="notice">This run diverged and has no model: ${failure.message}.</p>`;
  const rest = kind === 'pixels' ? 'Its model has not been measured.' : 'Its test split has not been read.';
  return html`<p class="notice">
    This run has not ended: ${history.length} of ${description.config.epochs} epochs are done. ${rest}
  </p>`;
}

/** The figures that are looked for first. */
function summarySection({ run, model }: ReportContent): Html | null {
  const { metrics } = run;
  if (metrics === null) return null;
  const { test, validation } = metrics;
  const numWrong = Math.round(test.count * (1 - test.accuracy));
  const [lower, upper] = test.accuracyInterval;
  const temperature = model?.metadata.temperature ?? 1;
  return html`<dl class="tiles">
    <div class="tile first">
      <dt>Test accuracy</dt>
      <dd>${percent(test.accuracy)}</dd>
      <dd>95% interval ${percent(lower)} to ${percent(upper)}</dd>
    </div>
    ${tile('Mistakes', formatCount(numWrong), `of ${formatCount(test.count)} test images`)}
    ${tile('Log loss', test.logLoss.toFixed(4), 'mean over the test images, in nats')}
    ${tile('Calibration error', test.ece.toFixed(4), `expected, after temperature ${temperature.toFixed(3)}`)}
    ${tile(
      'Validation accuracy',
      percent(validation.accuracy),
      `${formatCount(validation.count)} images${metrics.bestEpoch === null ? '' : `, best epoch ${metrics.bestEpoch}`}`,
    )}
    ${runTiles(run, metrics)}
  </dl>`;
}
