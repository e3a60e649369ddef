/** The experiments' command line. */
import { Command, CommanderError } from 'commander';
import { galleryCommand } from './gallery.ts';
import { measureInkCommand } from './ink/measure-ink.ts';
import { shipInkCommand } from './ink/ship-ink.ts';
import { measureHandwritingCommand } from './handwriting/measure-handwriting.ts';
import { compareRecipesCommand } from './recipes/compare-recipes.ts';
import { shipCommand } from './recipes/ship.ts';
import { compareScoresCommand } from './rejection/compare-scores.ts';
import { measureRejectionCommand } from './rejection/measure-rejection.ts';
import { measureTouchingCommand } from './segmentation/measure-touching.ts';

const program = new Command('experiments')
  .description('Compares training recipes and rejection scores, and writes the cards of the bundled models.')
  .addCommand(
    new Command('compare')
      .description('compare alternatives on validation data; the test split is not read')
      .addCommand(compareRecipesCommand())
      .addCommand(compareScoresCommand()),
  )
  .addCommand(
    new Command('measure')
      .description('measure one training run or one model')
      .addCommand(measureHandwritingCommand())
      .addCommand(measureRejectionCommand())
      .addCommand(measureInkCommand())
      .addCommand(measureTouchingCommand()),
  )
  .addCommand(galleryCommand())
  .addCommand(shipCommand())
  .addCommand(shipInkCommand());
for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
  command.exitOverride().showHelpAfterError('(--help lists the options)');
}

// Engine threads may still be alive: exit explicitly.
process.exit(await run());

async function run(): Promise<number> {
  try {
    await program.parseAsync();
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}
