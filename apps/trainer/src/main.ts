import { Command } from 'commander';
import { ourVersion, runProgram } from './command-line.ts';
import { datasetCommand } from './commands/dataset.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { exportCommand } from './commands/export.ts';
import { predictCommand } from './commands/predict.ts';
import { reportCommand } from './commands/report.ts';
import { runsCommand } from './commands/runs.ts';
import { samplesCommand } from './commands/samples.ts';
import { sweepCommand } from './commands/sweep.ts';
import { trainCommand } from './commands/train.ts';

// TensorFlow's native library writes its greetings to standard error unless told before it is loaded.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';

const program = new Command('digits')
  .description('Train, evaluate and use handwritten-digit recognisers.')
  .version(ourVersion())
  .exitOverride()
  .addCommand(trainCommand().exitOverride())
  .addCommand(evaluateCommand().exitOverride())
  .addCommand(predictCommand().exitOverride())
  .addCommand(samplesCommand().exitOverride())
  .addCommand(reportCommand().exitOverride())
  .addCommand(exportCommand().exitOverride())
  .addCommand(runsCommand().exitOverride())
  .addCommand(datasetCommand().exitOverride())
  .addCommand(sweepCommand().exitOverride());

// `predict ... | head` closes standard output early; end quietly as other programs do.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

process.exitCode = await runProgram(program, process.argv.slice(2));
