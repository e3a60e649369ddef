import { writeFileSafely } from '@digits/model/node';
import { Command, Option } from 'commander';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { note, UsageError } from '../command-line.ts';
import { compareRuns, formatComparison } from '../run/compare-runs.ts';
import { pixelRunsTable, rankPixelRuns } from '../run/pixel-run-table.ts';
import { classRuns, pixelRuns, readRunRecord, readRunRecords } from '../run/run-record.ts';
import { rankRuns, RUN_ORDERS, type RunOrder, runsCsv, runsTables } from '../run/run-tables.ts';
import { withCommonOptions } from './options.ts';

interface RunsOptions {
  readonly sort: RunOrder;
  readonly csv?: string;
  readonly compare?: readonly string[];
  readonly json?: boolean;
}

/** `runs`: lists the runs of a folder beside each other. */
export function runsCommand(): Command {
  const command = new Command('runs')
    .description('List and compare runs, the best first, with a column for each setting in which they differ.')
    .argument('[DIR]', 'folder of run folders', 'runs')
    .addOption(
      new Option('--sort <by>', 'sort order; accuracy and logLoss are those of the validation split')
        .choices(RUN_ORDERS)
        .default('accuracy'),
    )
    .addOption(new Option('--csv <FILE>', 'also write all runs as one table in CSV'))
    .addOption(
      new Option(
        '--compare <RUN...>',
        'compare two runs, by folder or by name in DIR, on the test images that they have in common',
      ),
    );
  return withCommonOptions(command)
    .addHelpText(
      'after',
      `
Each data set has its own table, because figures on different images can't be ranked together; --add makes another data set. Runs of the
preset ink are listed below the others, by the mean average precision on their validation pages. --csv leaves them out.
--compare prints the difference of the test accuracies, second minus first, with its 95% score interval, McNemar's exact test, and the
images that only one of the runs answers correctly.

Examples:
  $ npm run runs
  $ npm run runs -- sweeps/rates --sort logLoss --csv rates.csv
  $ npm run runs -- --compare runs/first runs/second`,
    )
    .action(async (folder: string, { sort, csv, compare, json }: RunsOptions) => {
      if (compare !== undefined) {
        await printComparison(folder, compare, { csv, json });
        return;
      }
      const records = await readRunRecords(resolve(folder));
      const rows = rankRuns(classRuns(records), sort);
      const pixelRows = rankPixelRuns(pixelRuns(records), sort);
      const tables = [...(rows.length > 0 ? [runsTables(rows)] : []), ...(pixelRows.length > 0 ? [pixelRunsTable(pixelRows)] : [])]; // prettier-ignore
      const table = tables.length === 0 ? `No runs in ${resolve(folder)}` : tables.join('\n\n');
      if (csv !== undefined) await writeCsv(resolve(csv), runsCsv(rows));
      if (json === true) {
        note(table);
        process.stdout.write(`${JSON.stringify({ runs: rows, pixelRuns: pixelRows })}\n`);
      } else {
        process.stdout.write(`${table}\n`);
      }
    });
}

async function printComparison(
  folder: string,
  names: readonly string[],
  { csv, json }: { readonly csv: string | undefined; readonly json: boolean | undefined },
): Promise<void> {
  if (names.length !== 2) throw new UsageError(`runs: --compare must name two runs, got ${names.length}`);
  if (csv !== undefined) throw new UsageError('runs: --csv must be left out with --compare');
  const [first, second] = names.map((name) => findRun(folder, name));
  const comparison = await compareRuns(await readRunRecord(first), await readRunRecord(second));
  const text = formatComparison(comparison);
  if (json === true) {
    note(text);
    process.stdout.write(`${JSON.stringify(comparison)}\n`);
  } else {
    process.stdout.write(`${text}\n`);
  }
}

/** Returns the folder of a run that is named by its path or by its name in a folder of runs. */
function findRun(folder: string, name: string): string {
  const found = [resolve(name), resolve(folder, name)].find((path) => existsSync(join(path, 'config.json')));
  if (found !== undefined) return found;
  throw new Error(`runs: --compare must name a run folder or a run in ${resolve(folder)}, got ${name}`);
}

async function writeCsv(file: string, table: string): Promise<void> {
  try {
    await writeFileSafely(file, table);
  } catch (cause) {
    throw new Error(`runs: --csv must be a file that can be written, got ${file}`, { cause });
  }
}
