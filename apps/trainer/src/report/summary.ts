import { percent } from '../figures.ts';
import { formatDuration } from '../progress.ts';
import { html, type Html } from './html.ts';
import type { ReportContent } from './report-content.ts';

/** The figures that are looked for first. */
export function summarySection({ run, model }: ReportContent): Html | null {
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
    ${tile('Mistakes', showCount(numWrong), `of ${showCount(test.count)} test images`)}
    ${tile('Log loss', test.logLoss.toFixed(4), 'mean over the test images, in nats')}
    ${tile('Calibration error', percent(test.ece), `expected, after temperature ${temperature.toFixed(3)}`)}
    ${tile(
      'Validation accuracy',
      percent(validation.accuracy),
      `${showCount(validation.count)} images${metrics.bestEpoch === null ? '' : `, best epoch ${metrics.bestEpoch + 1}`}`,
    )}
    ${tile('Parameters', showCount(metrics.parameters), 'trainable')}
    ${tile(
      'Training time',
      formatDuration(metrics.trainingSeconds),
      `${showCount(Math.round(metrics.imagesPerSecond))} images/s on ${metrics.engine}, ${metrics.threads} ${
        metrics.threads === 1 ? 'thread' : 'threads'
      }`,
    )}
    ${tile('Epochs', `${metrics.epochs} of ${run.description.config.epochs}`, `batches of ${run.description.config.batchSize}`)}
  </dl>`;
}

function tile(term: string, figure: string, explanation: string): Html {
  return html`<div class="tile">
    <dt>${term}</dt>
    <dd>${figure}</dd>
    <dd>${explanation}</dd>
  </div>`;
}

/** `12,858` */
export function showCount(value: number): string {
  return value.toLocaleString('en');
}
