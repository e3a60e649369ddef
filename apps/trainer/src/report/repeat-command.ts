import type { RunRequest } from '../training-request.ts';

/** How a run is repeated from a shell. */
export interface RepeatCommand {
  readonly command: string;
  /** What the command reads from `settings.json`, null where it needs none. */
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
    ['dataset', dataset === 'mnist' ? undefined : dataset],
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

/** Quotes that a POSIX shell and PowerShell read alike; where no quotes are, a text is written for the former. */
function quote(text: string): string {
  if (/^[\w./:\\@-]+$/.test(text)) return text;
  if (text.includes("'") && !/["$`\\!]/.test(text)) return `"${text}"`;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
