/**
 * Process that attacks a service: one attack at a time, from the message that names it to the message that ends it.
 *
 * node attacker.mjs ADDRESS: takes `{ attack }` and `'stop'`, and sends `{ fault }` when the attack has ended.
 */
/* global AbortController */
import { build } from 'esbuild';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [address] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));

// In the folder of the package, where its dependencies are found.
const outfile = join(here, '..', '..', 'dist', 'testing', `attacks-${process.pid}.mjs`);
await build({
  entryPoints: [join(here, 'attacks', 'attacks.ts')],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
});
const { ATTACKS } = await import(outfile);

let over = new AbortController();
process.on('message', (message) => {
  if (message === 'stop') over.abort();
  else void attack(message.attack);
});
process.send('ready');

async function attack(name) {
  over = new AbortController();
  let fault = null;
  try {
    await ATTACKS.find((each) => each.name === name).run({ address }, over.signal);
  } catch (error) {
    fault = String(error);
  }
  process.send({ fault });
}
