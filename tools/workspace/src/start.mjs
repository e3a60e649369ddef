/**
 * Builds the page and the service and runs both: `npm start [-- --page-port N --api-port N --host NAME]`. One Ctrl-C ends both;
 * when one fails, so does the other.
 */
import { parseArgs } from 'node:util';
import { buildProjects, startProgram } from './programs.mjs';

const options = {
  'page-port': { type: 'string', default: '3000' },
  'api-port': { type: 'string', default: '8080' },
  host: { type: 'string', default: 'localhost' },
  help: { type: 'boolean', short: 'h' },
};
const USAGE = 'npm start -- [--page-port 3000] [--api-port 8080] [--host localhost]';

const { 'page-port': pagePort, 'api-port': apiPort, host, help } = readOptions();
if (help) {
  console.log(USAGE);
  process.exit(0);
}

console.error('building the page and the service ...');
buildProjects(['web', 'api']);

const programs = {
  page: startProgram('apps/web/dist/server/main.js', ['--port', pagePort, '--host', host]),
  service: startProgram('apps/api/dist/main.js', ['--port', apiPort, '--host', host]),
};

let ending = false;
// A terminal sends Ctrl-C to both programs as well; a supervisor's SIGTERM reaches this process alone.
process.on('SIGINT', () => {
  ending = true;
});
process.on('SIGTERM', () => {
  endAll();
});
for (const [name, program] of Object.entries(programs)) {
  program.on('exit', (code, signal) => {
    if (ending) return;
    const end = signal ?? `exit code ${code}`;
    console.error(`start: the ${name} must keep running, but it ended with ${end}; other ports: ${USAGE}`);
    process.exitCode = 1;
    endAll();
  });
}

function endAll() {
  ending = true;
  for (const program of Object.values(programs)) program.kill('SIGTERM');
}

function readOptions() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    console.error(`start: ${error.message}; ${USAGE}`);
    process.exit(2);
  }
}
