import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import { note } from '../command-line.ts';
import { writeReport } from '../report/write-report.ts';
import { withCommonOptions } from './options.ts';

interface ReportOptions {
  readonly run: string;
  readonly json?: boolean;
}

/** `report`: writes a run's report again. */
export function reportCommand(): Command {
  const command = new Command('report')
    .description('Write the report of a run, a self-contained HTML file, into its folder.')
    .addOption(new Option('--run <DIR>', 'run folder; the run need not have ended').makeOptionMandatory());
  return withCommonOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  $ npm run report -- --run runs/best`,
    )
    .action(async ({ run, json }: ReportOptions) => {
      const { file, notes } = await writeReport(resolve(run));
      for (const line of notes) note(line);
      note(`Report: ${file}`);
      if (json === true) process.stdout.write(`${JSON.stringify({ report: file, notes })}\n`);
    });
}
