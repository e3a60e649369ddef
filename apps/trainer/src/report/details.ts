import { type AnyModel, describeArchitecture, isPixelModel } from '@digits/model';
import type { RunDescription, RunRecord } from '../run/run-record.ts';
import { GENERATED_PAGES, type RunRequest } from '../run/training-request.ts';
import { html, type Html } from './html.ts';
import { datasetName } from './report-content.ts';

/** How to get the same weights again. */
export function repeatSection({ description, metrics }: RunRecord): Html {
  const { extensions = [], config } = description;
  const epochs = [...extensions.map((extension) => extension.epochs), config.epochs];
  const promise =
    extensions.length > 0 && config.schedule.type !== 'constant'
      ? `This run was given more epochs (${epochs.join(', then ')}), so repeating it in one go ends with other weights`
      : description.request.engine.engine === 'simd'
        ? 'It ends with the same weights to the last bit, on any machine and with any number of threads'
        : 'TensorFlow.js does not promise the same weights to the last bit';
  return html`<section>
    <h2>Do it again</h2>
    <p>
      ${promise}${metrics !== null && html`; this run's have the SHA-256 <code>${metrics.weightsSha256.slice(0, 16)}…</code>`}.
    </p>
    ${commandCard(repeatCommand(description.request))}
  </section>`;
}

/** Card with a command and the settings file that it needs. */
export function commandCard({ command, settings }: RepeatCommand): Html {
  return html`<div class="card">
    <pre class="wrap"><code>${command}</code></pre>
    ${
      settings !== null &&
      html`<p class="small muted">with these settings in <code>settings.json</code>:</p>
        <pre><code>${JSON.stringify(settings, null, 2)}</code></pre>`
    }
  </div>`;
}

/** Everything else that is known of the run. */
export function detailsSection({ description }: RunRecord, model: AnyModel | null): Html {
  return html`<section>
    <h2>Details</h2>
    <div class="pair facts">
      <div class="card breaks">
        <h3>Settings</h3>
        ${factTable(settingFacts(description.config))}
      </div>
      <div class="card">
        <h3>Where it came from</h3>
        ${factTable([...originFacts(description), ...(model === null ? [] : modelFacts(model))])}
      </div>
    </div>
    <div class="card breaks" style="margin-top: 16px">
      <details>
        <summary>Network, layer by layer</summary>
        <pre>${{ html: escapeLines(describeArchitecture(description.config.architecture)) }}</pre>
      </details>
    </div>
  </section>`;
}

function modelFacts(model: AnyModel): string[][] {
  const weights = ['weights', model.metadata.weightsSha256];
  if (isPixelModel(model)) return [['channels', model.metadata.channels.join(', ')], weights];
  const { temperature, rejection } = model.metadata;
  const rule = rejection === null ? 'none' : `${rejection.score} below ${Number(rejection.threshold.toPrecision(5))}`;
  return [['temperature', String(Number(temperature.toPrecision(5)))], ['rejection', rule], weights];
}

/** The page's indentation is stripped line by line; that of a table of text must stay. */
function escapeLines(text: string): string {
  return html`${text}`.html.replaceAll(/^ +/gm, (blanks) => '&#32;'.repeat(blanks.length));
}

function factTable(facts: readonly (readonly string[])[]): Html {
  return html`<table class="facts">
    <tbody>
      ${facts.map(
        ([name, value]) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td>${value}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function originFacts({ dataset, versions, machine, startedAt, request }: RunDescription): string[][] {
  return [
    ['data set', datasetName(dataset.source)],
    ['its SHA-256', dataset.sha256],
    ['preprocessing', dataset.preprocessing],
    ...(request.add === undefined ? [] : [['added', datasetName(request.add)]]),
    ...(request.init === undefined ? [] : [['started from', datasetName(request.init)]]),
    ['engine', request.engine.engine],
    ['threads', String(request.engine.threads)],
    ['begun', startedAt],
    ...Object.entries(versions).map(([name, version]) => [name, version]),
    [
      'machine',
      `${machine.processor}, ${machine.cores} cores, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, ${machine.platform}`,
    ],
  ];
}

/** Each setting on a line of its own; objects give a line to each of their fields. */
function settingFacts(config: RunDescription['config']): string[][] {
  const settings = Object.entries(config).filter(([name]) => name !== 'architecture');
  return flatten(Object.fromEntries(settings), '');
}

function flatten(value: object, prefix: string): string[][] {
  return Object.entries(value).flatMap(([key, entry]: [string, unknown]) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? flatten(entry, `${prefix}${key} `)
      : [[`${prefix}${key}`, entry === null ? 'none' : showSetting(entry)]],
  );
}

function showSetting(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** How a run is repeated from a shell. */
export interface RepeatCommand {
  readonly command: string;
  /** What the command reads from `settings.json`, null if it needs none. */
  readonly settings: Readonly<Record<string, unknown>> | null;
}

/** Writes the command that does the same run again. What does not change the weights is left out. */
export function repeatCommand(request: RunRequest): RepeatCommand {
  const { preset, dataset, preprocess, add, init, engine } = request;
  const { epochs, seed, ...others } = request.settings;
  const settings = Object.keys(others).length === 0 ? null : others;
  const options: (readonly [string, unknown])[] = [
    ['preset', preset],
    ['seed', seed],
    ['epochs', epochs],
    ['dataset', ['mnist', GENERATED_PAGES].includes(dataset) ? undefined : dataset],
    ['preprocess', preprocess],
    ['add', add],
    ['init', init],
    ['engine', engine.engine === 'simd' ? undefined : engine.engine],
    ['tfjs-backend', engine.tfjsBackend === 'auto' ? undefined : engine.tfjsBackend],
    ['config', settings === null ? undefined : 'settings.json'],
  ];
  const given = options.filter(([, value]) => value !== undefined);
  return {
    command: ['npm run train --', ...given.map(([name, value]) => `--${name} ${quote(String(value))}`)].join(' '),
    settings,
  };
}

/** Quotes text for POSIX shells and PowerShell if both read the same quotes, otherwise for POSIX shells. */
export function quote(text: string): string {
  if (/^[\w./:\\@=-]+$/.test(text)) return text;
  if (text.includes("'") && !/["$`\\!]/.test(text)) return `"${text}"`;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
