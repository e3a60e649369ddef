import type { AnyModel } from '@digits/model';
import { formatCount, formatDuration } from '../formats.ts';
import type { RunRecord, TrainingSummary } from '../run/run-record.ts';
import { html, type Html } from './html.ts';

/** The parts of a report that depend on what the network answers for. */
export interface ReportParts {
  readonly model: AnyModel | null;
  /** What the reader should know about the report itself. */
  readonly notes: readonly string[];
  /** The figures that are looked for first. */
  readonly summary: Html | null;
  /** What comes after the curves. */
  readonly sections: readonly (Html | null)[];
}

/** What every run took. */
export function runTiles({ description }: RunRecord, metrics: TrainingSummary): Html {
  return html`${tile('Parameters', formatCount(metrics.parameters), 'trainable')}
  ${tile(
    'Training time',
    formatDuration(metrics.trainingSeconds),
    `${formatCount(Math.round(metrics.imagesPerSecond))} images/s on ${metrics.engine}, ${metrics.threads} ${
      metrics.threads === 1 ? 'thread' : 'threads'
    }`,
  )}
  ${tile('Epochs', `${metrics.epochs} of ${description.config.epochs}`, `batches of ${description.config.batchSize}`)}`;
}

/** One figure with what it means. */
export function tile(term: string, figure: string, explanation: string): Html {
  return html`<div class="tile">
    <dt>${term}</dt>
    <dd>${figure}</dd>
    <dd>${explanation}</dd>
  </div>`;
}
