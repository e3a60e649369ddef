import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiCommand, settingsOf } from './settings.ts';

describe('apiCommand', () => {
  const NAME = 'DIGITS_TRUST_PROXY';
  afterEach(() => {
    Reflect.deleteProperty(process.env, NAME);
  });

  it.each([
    [[], undefined, false],
    [['--trust-proxy'], undefined, true],
    [['--trust-proxy', 'false'], 'true', false],
    [[], 'true', true],
    [[], 'false', false],
  ])('with %j and DIGITS_TRUST_PROXY=%s, trusts a proxy: %s', (args, value, expected) => {
    if (value !== undefined) process.env[NAME] = value;
    const command = apiCommand('0.0.0').parse(args, { from: 'user' });
    expect(settingsOf(command).trustProxy).toBe(expected);
  });

  it('refuses any other value than true and false', () => {
    process.env[NAME] = '';
    const command = apiCommand('0.0.0').configureOutput({ writeErr: () => undefined });
    expect(() => command.parse([], { from: 'user' })).toThrow('It must be true or false.');
  });

  it('reads sizes, durations and lists in the units of the settings', () => {
    const args = ['--max-body', '2', '--batch-wait', '3', '--cors', 'https://a.example, *', '--log-level', 'warn'];
    expect(settingsOf(apiCommand('0.0.0').parse(args, { from: 'user' }))).toMatchObject({
      maxBody: 2 * 1024 * 1024,
      batchWaitMs: 3,
      corsOrigins: ['https://a.example', '*'],
      logLevel: 'warn',
      port: 8080,
      tokens: [],
    });
  });

  it('has the options that docs/deploy.md lists', () => {
    const text = readFileSync(join(__dirname, '..', '..', '..', '..', 'docs', 'deploy.md'), 'utf8');
    const rows = text.split('\n').filter((line) => line.startsWith('| `--'));
    const documented = rows.map((row) => row.replaceAll(/\s*\|\s*/g, '|'));
    const expected = apiCommand('0.0.0').options.filter(({ envVar }) => envVar !== undefined);
    expect(documented).toEqual(
      expected.map(
        ({ flags, envVar, defaultValueDescription, description }) =>
          `|\`${flags}\`|\`${envVar ?? ''}\`|${defaultValueDescription ?? ''}|${description}|`,
      ),
    );
  });
});
