import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import { note } from '../command-line.ts';
import { writeSweepReport } from '../report/sweep-report.ts';
import { writeReport } from '../report/write-report.ts';
import { isSweepFolder } from '../sweep/sweep-folder.ts';
import { withCommonOptions } from './options.ts';

interface ReportOptions {
  readonly run: string;
  readonly json?: boolean;
}

/** `report`: writes the report of a run or of a sweep again. */
export function reportCommand(): Command {
  const command = new Command('report')
    .description('Write the report of a run or a sweep, a self-contained HTML file, into its folder.')
    .addOption(new Option('--run <DIR>', 'folder of a run or a sweep, finished or not').makeOptionMandatory());
  return withCommonOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  $ npm run report -- --run runs/best
  $ npm run report -- --run sweeps/rates`,
    )
    .action(async ({ run, json }: ReportOptions) => {
      const folder = resolve(run);
      const { file, notes } = isSweepFolder(folder)
        ? { file: await writeSweepReport(folder), notes: [] }
        : await writeReport(folder);
      for (const line of notes) note(line);
      note(`Report: ${file}`);
      if (json === true) process.stdout.write(`${JSON.stringify({ report: file, notes })}\n`);
    });
}
