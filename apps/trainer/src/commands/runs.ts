import { writeFileSafely } from '@digits/model/node';
import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import { note } from '../command-line.ts';
import { pixelRunsTable, rankPixelRuns } from '../run/pixel-run-table.ts';
import { classRuns, pixelRuns, readRunRecords } from '../run/run-record.ts';
import { rankRuns, RUN_ORDERS, type RunOrder, runsCsv, runsTable } from '../run/run-tables.ts';
import { withCommonOptions } from './options.ts';

interface RunsOptions {
  readonly sort: RunOrder;
  readonly csv?: string;
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
    .addOption(new Option('--csv <FILE>', 'also write the table as CSV'));
  return withCommonOptions(command)
    .addHelpText(
      'after',
      `
Runs of the preset ink are listed below the others, by the mean average precision on their validation pages. --csv leaves them out.

Examples:
  $ npm run runs
  $ npm run runs -- sweeps/rates --sort logLoss --csv rates.csv`,
    )
    .action(async (folder: string, { sort, csv, json }: RunsOptions) => {
      const records = await readRunRecords(resolve(folder));
      const rows = rankRuns(classRuns(records), sort);
      const pixelRows = rankPixelRuns(pixelRuns(records), sort);
      const tables = [...(rows.length > 0 ? [runsTable(rows)] : []), ...(pixelRows.length > 0 ? [pixelRunsTable(pixelRows)] : [])]; // prettier-ignore
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

async function writeCsv(file: string, table: string): Promise<void> {
  try {
    await writeFileSafely(file, table);
  } catch (cause) {
    throw new Error(`runs: --csv must be a file that can be written, got ${file}`, { cause });
  }
}
