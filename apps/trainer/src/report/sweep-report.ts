import { barChart, lineChart, parallelCoordinatesChart, type ParallelAxis } from '@digits/charts';
import { writeFileSafely } from '@digits/model/node';
import { join } from 'node:path';
import { formatCount, formatDuration, percent } from '../formats.ts';
import { REPORT_FILE } from '../run/run-folder.ts';
import { settingImportances } from '../sweep/importance.ts';
import { type Domain, isRange, type Space, type TrialSettings } from '../sweep/space.ts';
import type { Sweep } from '../sweep/sweep-folder.ts';
import { readSweepRecord, type SweepRecord, type TrialRecord } from '../sweep/sweep-record.ts';
import { commandCard, quote, repeatCommand, type RepeatCommand } from './details.ts';
import { renderPage } from './html-page.ts';
import { html, type Html, raw } from './html.ts';
import { datasetName } from './report-content.ts';
import { tile } from './report-parts.ts';

/**
 * Writes the report of a sweep into its folder.
 *
 * @returns the file's path
 * @throws Error if the folder holds no sweep, or one of its files is damaged
 */
export async function writeSweepReport(folder: string): Promise<string> {
  const file = join(folder, REPORT_FILE);
  await writeFileSafely(file, renderSweep(folder, await readSweepRecord(folder)));
  return file;
}

function renderSweep(folder: string, record: SweepRecord): string {
  const { sweep, trials } = record;
  const name = datasetName(folder);
  const { request, plan } = sweep;
  const header = html`<h1>${name}</h1>
    <div class="muted">
      ${STRATEGY_TITLES[plan.strategy]} of preset ${request.preset} on ${datasetName(request.dataset)}, seed
      ${plan.seed}
    </div>
    ${trials.some(({ status }) => status === 'running') && html`<p class="notice">This sweep has not ended. --resume continues it.</p>`}
    ${tilesSection(record)}`;
  const main = html`${bestSection(record)} ${settingsSection(record)} ${curvesSection(trials)} ${tableSection(record)}
    <footer>
      Written by digits from the sweep's own files. <code>npm run report -- --run DIR</code> writes it again.
    </footer>`;
  return renderPage(`${name}: sweep report`, header, main);
}

const STRATEGY_TITLES = {
  grid: 'Grid search',
  random: 'Random search',
  tpe: 'Search by Parzen estimators',
  asha: 'Random search with early stopping',
} as const;

/** Outcomes of a trial in the legends, in the order of their colours. */
const GROUPS = ['finished', 'stopped early', 'best', 'failed or unfinished'] as const;

function groupOf({ status, trial }: TrialRecord, best: TrialRecord | null): (typeof GROUPS)[number] {
  if (trial === best?.trial) return 'best';
  return status === 'finished' ? 'finished' : status === 'stopped' ? 'stopped early' : 'failed or unfinished';
}

/** The best trial that has a model. */
function bestOf([first]: readonly (TrialRecord | undefined)[]): TrialRecord | null {
  return first?.status === 'finished' ? first : null;
}

function tilesSection({ sweep, trials }: SweepRecord): Html {
  const best = bestOf(trials);
  const metrics = best?.run?.metrics ?? null;
  const count = (status: TrialRecord['status']) => trials.filter((trial) => trial.status === status).length;
  const epochs = trials.reduce((sum, trial) => sum + trial.epochs, 0);
  const seconds = trials.reduce(
    (sum, { run }) => sum + (run?.history.reduce((total, epoch) => total + epoch.seconds, 0) ?? 0),
    0,
  );
  const outcomes = [
    `${count('finished')} finished`,
    ...(count('stopped') > 0 ? [`${count('stopped')} stopped early`] : []),
    ...(count('failed') > 0 ? [`${count('failed')} failed`] : []),
  ];
  return html`<dl class="tiles">
    <div class="tile first">
      <dt>Best validation accuracy</dt>
      <dd>${metrics === null ? 'none yet' : percent(metrics.validation.accuracy)}</dd>
      <dd>${best === null ? 'no trial has finished' : best.name}</dd>
    </div>
    ${metrics !== null && tile('Its test accuracy', percent(metrics.test.accuracy), `95% interval ${metrics.test.accuracyInterval.map(percent).join(' to ')}`)}
    ${tile('Trials', formatCount(trials.length), outcomes.join(', '))}
    ${tile('Epochs trained', formatCount(epochs), `${formatDuration(seconds)} of training; ${formatCount(trials.length * sweep.plan.epochs)} epochs without early stopping`)}
  </dl>`;
}

function bestSection({ sweep, trials }: SweepRecord): Html | null {
  const best = bestOf(trials);
  if (best === null) return null;
  return html`<section>
    <h2>Train the best again</h2>
    ${commandCard(bestCommand(sweep, best.settings))}
  </section>`;
}

/** Settings that differ between trials are on the command line. */
function bestCommand({ request }: Sweep, { epochs, seed, ...others }: TrialSettings): RepeatCommand {
  const own = { ...(epochs !== undefined && { epochs }), ...(seed !== undefined && { seed }) };
  const { command, settings } = repeatCommand({ ...request, settings: { ...request.settings, ...own } });
  const varied = Object.entries(others).map(([name, value]) => ` --set ${quote(`${name}=${showValue(value)}`)}`);
  return { command: `${command}${varied.join('')}`, settings };
}

function showValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function settingsSection({ sweep, trials }: SweepRecord): Html | null {
  const { space } = sweep.plan;
  const scored = trials.filter(({ score }) => score !== null);
  if (scored.length === 0) return null;
  const best = bestOf(trials);
  const names = Object.keys(space).slice(0, MAX_AXES - 1);
  const chart = parallelCoordinatesChart({
    title: 'Settings and validation accuracy of the trials',
    axes: [
      ...names.map((name) => axisOf(name, space[name])),
      { name: 'validation accuracy', scale: 'linear', format: 'percent' },
    ],
    groups: groupsOf(scored, best),
    lines: scored.map((trial) => ({
      group: groupOf(trial, best),
      values: [...names.map((name) => placeOf(space, name, trial)), trial.score?.accuracy ?? null],
    })),
  });
  const ended = trials.filter(({ status }) => status !== 'running');
  const importances = settingImportances(space, ended);
  return html`<section>
    <h2>Settings</h2>
    <p>
      Each line is a trial. Accuracies are those of the validation split at the epoch with the lowest validation loss;
      trials that were stopped early ran for fewer epochs.
    </p>
    <div class="card scroll large">${raw(chart)}</div>
    ${importances.length > 1 && importanceCard(importances)}
  </section>`;
}

/** Maximum number of axes in the chart; the table has all settings. */
const MAX_AXES = 12;

function importanceCard(importances: readonly { readonly name: string; readonly share: number }[]): Html {
  const bars = importances.slice(0, MAX_BARS).map(({ name, share }) => ({ name, value: share }));
  return html`<div class="card" style="margin-top: 16px">
    <h3>Importance</h3>
    <p class="small muted">
      How far the values of the best quarter of the trials are from those of all trials (PED-ANOVA), as shares of the
      sum.
    </p>
    ${raw(barChart({ title: 'Importance of each setting', bars, format: 'percent', max: 1 }))}
  </div>`;
}

const MAX_BARS = 30;

function axisOf(name: string, domain: Domain): ParallelAxis {
  if (isRange(domain)) return { name, scale: domain.scale, format: 'exponent' };
  return { name, categories: domain.values.map(showValue) };
}

function placeOf(space: Space, name: string, { settings }: TrialRecord): number | string | null {
  if (!Object.hasOwn(settings, name)) return null;
  return isRange(space[name]) ? Number(settings[name]) : showValue(settings[name]);
}

/** Returns the groups that occur, in the order of their colours in both charts. */
function groupsOf(trials: readonly TrialRecord[], best: TrialRecord | null): readonly string[] {
  const present = new Set(trials.map((trial) => groupOf(trial, best)));
  return GROUPS.filter((group) => present.has(group));
}

function curvesSection(trials: readonly TrialRecord[]): Html | null {
  const best = bestOf(trials);
  const trained = trials.filter(({ run }) => (run?.history.length ?? 0) > 0);
  if (trained.length === 0) return null;
  const groups = groupsOf(trained, best);
  const ordered = [...trained].sort((a, b) => groups.indexOf(groupOf(a, best)) - groups.indexOf(groupOf(b, best)));
  const chart = (title: string, key: 'validationAccuracy' | 'validationLoss', format: 'percent' | 'plain') =>
    lineChart({
      title,
      description: `One curve for each of ${trained.length} trials. ${groups.join(', ')}.`,
      format,
      series: ordered.map((trial) => ({
        name: groupOf(trial, best),
        values: trial.run?.history.map((epoch) => epoch[key]) ?? [],
      })),
    });
  return html`<section>
    <h2>Learning curves</h2>
    <div class="pair">
      <div class="card">
        <h3>Validation accuracy</h3>
        ${raw(chart('Validation accuracy by epoch', 'validationAccuracy', 'percent'))}
      </div>
      <div class="card">
        <h3>Validation loss</h3>
        ${raw(chart('Validation loss by epoch', 'validationLoss', 'plain'))}
      </div>
    </div>
  </section>`;
}

const STATUS_TITLES = {
  finished: 'finished',
  stopped: 'stopped early',
  running: 'unfinished',
  failed: 'failed',
} as const;

function tableSection({ sweep, trials }: SweepRecord): Html {
  const names = Object.keys(sweep.plan.space);
  const failed = trials.filter(({ failure }) => failure !== null);
  return html`<section>
    <h2>Trials</h2>
    <div class="card scroll breaks">
      <table>
        <thead>
          <tr>
            <th>trial</th>
            ${['outcome', 'epochs', 'validation accuracy', 'validation loss', 'test accuracy', ...names].map((title) => html`<th>${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${trials.map((trial) => trialRow(trial, names))}
        </tbody>
      </table>
    </div>
    ${
      failed.length > 0 &&
      html`<div class="card" style="margin-top: 16px">
        <h3>Why trials failed</h3>
        <ul class="problems">
          ${failed.map(({ name, failure }) => html`<li>${name}: ${failure?.message ?? ''}</li>`)}
        </ul>
      </div>`
    }
  </section>`;
}

function trialRow({ name, status, epochs, score, run, settings }: TrialRecord, names: readonly string[]): Html {
  const cells = [
    STATUS_TITLES[status],
    String(epochs),
    score === null ? '' : percent(score.accuracy),
    score === null ? '' : score.loss.toFixed(4),
    run?.metrics == null ? '' : percent(run.metrics.test.accuracy),
    ...names.map((setting) => (Object.hasOwn(settings, setting) ? showValue(settings[setting]) : '')),
  ];
  return html`<tr>
    <td>${run === null ? name : html`<a href="${name}/${REPORT_FILE}">${name}</a>`}</td>
    ${cells.map((cell) => html`<td>${cell}</td>`)}
  </tr>`;
}
