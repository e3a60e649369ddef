/**
 * Sets tfjs-node up before Jest resolves anything: Jest remembers which folders do not exist, so links made later stay unseen.
 * What the tests have to know goes through the environment.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LINKS } from './places.mjs';

/** Jest's globalSetup. */
export default function setUpForTests() {
  const wasLinked = LINKS.some((link) => existsSync(link));
  const { status, stderr } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL('setup.mjs', import.meta.url)), '--wheel'],
    {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
      maxBuffer: 2 ** 26,
    },
  );
  if (status !== 0) process.stderr.write(`skipped: the tensorflow backend; ${stderr}`);
  process.env.DIGITS_TENSORFLOW_IS_SET_UP = status === 0 ? 'yes' : 'no';
  process.env.DIGITS_TENSORFLOW_WAS_LINKED = wasLinked ? 'yes' : 'no';
}
