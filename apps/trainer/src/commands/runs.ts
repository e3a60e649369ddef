import { writeFileSafely } from '@digits/model/node';
import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import { note, withCommonOptions } from '../command-line.ts';
import { readRunRecords } from '../run-record.ts';
import { rankRuns, RUN_ORDERS, type RunOrder, runsCsv, runsTable } from '../run-tables.ts';

interface RunsOptions {
  readonly sort: RunOrder;
  readonly csv?: string;
  readonly json?: boolean;
}

/** `runs`: lists the runs of a folder beside each other. */
export function runsCommand(): Command {
  const command = new Command('runs')
    .description(
      'List runs and compare them, the best first; settings in which they differ have a column of their own.',
    )
    .argument('[DIR]', 'folder of run folders', 'runs')
    .addOption(
      new Option('--sort <by>', 'accuracy and logLoss are of the validation split, as choices are made on it')
        .choices(RUN_ORDERS)
        .default('accuracy'),
    )
    .addOption(new Option('--csv <FILE>', 'write the table as CSV too'));
  return withCommonOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  $ npm run runs
  $ npm run runs -- sweeps/rates --sort logLoss --csv rates.csv`,
    )
    .action(async (folder: string, { sort, csv, json }: RunsOptions) => {
      const rows = rankRuns(await readRunRecords(resolve(folder)), sort);
      const table = rows.length === 0 ? `No runs in ${resolve(folder)}` : runsTable(rows);
      if (csv !== undefined) await writeCsv(resolve(csv), runsCsv(rows));
      if (json === true) {
        note(table);
        process.stdout.write(`${JSON.stringify({ runs: rows })}\n`);
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
