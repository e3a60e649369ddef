import type { RunRecord } from '../run-record.ts';
import { detailsSection, repeatSection } from './details.ts';
import { curvesSection, mistakesSection, testSection } from './figures.ts';
import { filtersSection } from './filters-section.ts';
import { html, type Html } from './html.ts';
import { datasetName, type ReportContent } from './report-content.ts';
import { STYLE } from './style.ts';
import { summarySection } from './summary.ts';

/** Renders a run as one HTML file that needs nothing else: no scripts, no network, pictures and charts inside. */
export async function renderReport(content: ReportContent): Promise<string> {
  const { run, notes } = content;
  const { description, metrics } = run;
  const preset = description.config.preset ?? 'custom';
  const page: Html = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
        <meta name="color-scheme" content="light dark" />
        <title>${run.name}: training report</title>
        <style>
          ${{ html: STYLE }}
        </style>
      </head>
      <body>
        <header>
          <div>
            <h1>${run.name}</h1>
            <div class="muted">
              Preset ${preset}, seed ${description.config.seed}, on ${datasetName(description.dataset.source)}; begun
              ${showTime(description.startedAt)}${status(run)}
            </div>
            ${notes.map((note) => html`<p class="notice">${note}</p>`)} ${metrics === null ? unfinished(run) : null}
            ${summarySection(content)}
          </div>
        </header>
        <main>
          ${curvesSection(run)} ${testSection(content)} ${await mistakesSection(content)}
          ${await filtersSection(content.model)} ${repeatSection(run)} ${detailsSection(content)}
          <footer>
            Written by digits ${description.versions.digits} from the run's own files.
            <code>npm run report -- --run DIR</code> writes it again.
          </footer>
        </main>
      </body>
    </html> `;
  return page.html.replaceAll(/^[ \t]+/gm, '');
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

function unfinished({ history, description }: RunRecord): Html {
  return html`<p class="notice">
    This run has not ended: ${history.length} of ${description.config.epochs} epochs are done. Its test split has not
    been read.
  </p>`;
}
