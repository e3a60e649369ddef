import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningService } from './running-service.ts';

/** Attacks a service from a separate process. */
export interface Attacker {
  /**
   * Runs an attack.
   *
   * @param name that of the attack
   * @param until resolves when the attack has to end; a fault ends it earlier
   * @throws Error if an answer proved a fault of the service
   */
  attack(name: string, until: () => Promise<unknown>): Promise<void>;
  /** Ends the process. */
  dispose(): Promise<void>;
}

/**
 * Starts an attacker. Real attackers use other machines, so its process has a lower priority: what the honest client
 * waits for is then the service, not the attacker's work.
 */
export async function startAttacker({ address }: RunningService): Promise<Attacker> {
  const isPosix = process.platform !== 'win32';
  const child = fork(join(__dirname, 'attacker.mjs'), [address], {
    execArgv: isPosix ? ['-n', '10', process.execPath] : [],
    ...(isPosix && { execPath: 'nice' }),
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const ended = once(child, 'exit');
  const answer = async (): Promise<unknown> => {
    const [message] = (await Promise.race([
      once(child, 'message'),
      ended.then(() => {
        throw new Error('the attacker must run until it is disposed of, but it has ended');
      }),
    ])) as [unknown];
    return message;
  };
  await answer();
  return {
    async attack(name, until) {
      child.send({ attack: name });
      const over = answer();
      await Promise.race([until(), over]);
      child.send('stop');
      const { fault } = (await over) as { fault: string | null };
      if (fault !== null) throw new Error(fault);
    },
    async dispose() {
      child.kill();
      await ended;
      await rm(join(__dirname, '..', '..', 'dist', 'testing', `attacks-${child.pid ?? 0}.mjs`), { force: true });
    },
  };
}
