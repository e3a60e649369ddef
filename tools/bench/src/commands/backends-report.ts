import { machineLine } from '../machine.ts';
import { count, markdownTable, ratio } from '../table.ts';
import type { BackendResult, BackendsResults } from './backends.ts';

/** Writes the results as Markdown that reads as text too: a row a backend, two columns a network. */
export function reportBackends({ machine, versions, leftOut, results }: BackendsResults): string {
  const networks = [...new Set(results.map(({ network }) => network))];
  const names = [...new Set(results.map(({ name }) => name))];
  const head = ['backend', ...networks.flatMap((network) => [`${network}, images/s`, 'ratio', 'losses differ by'])];
  const rows = names.map((name) => [
    name,
    ...networks.flatMap((network) =>
      cells(results.find((result) => result.name === name && result.network === network)),
    ),
  ]);
  return [
    machineLine(machine),
    versions.join('; '),
    '',
    `Training steps; ratios are to ${names[0] ?? 'nobody'}; batch 128 unless it says otherwise.`,
    '',
    markdownTable(head, rows),
    ...leftOut.map((line) => `\n${line}`),
  ].join('\n');
}

function cells(result: BackendResult | undefined): readonly string[] {
  if (result === undefined) return ['-', '-', '-'];
  const { imagesPerSecond, batchSize, lossDifference } = result;
  const speed = imagesPerSecond < 10 ? imagesPerSecond.toFixed(1) : count(imagesPerSecond);
  return [
    batchSize === 128 ? speed : `${speed} (batch ${batchSize})`,
    result.ratio < 0.1 ? result.ratio.toPrecision(2) : ratio(result.ratio),
    lossDifference === 0 ? '0' : lossDifference.toExponential(1),
  ];
}
