import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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
      tokensFile: null,
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

describe('settingsOf', () => {
  const folder = mkdtempSync(join(tmpdir(), 'digits-settings-'));
  const file = join(folder, 'settings.json');
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const quiet = () => apiCommand('0.0.0').configureOutput({ writeErr: () => undefined });
  const settingsFrom = (content: unknown, args: readonly string[] = []) => {
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return settingsOf(quiet().parse(['--config', file, ...args], { from: 'user' }), {});
  };

  it('takes the command line first, then the environment, then the file', () => {
    process.env.DIGITS_MAX_BODY = '3';
    try {
      const content = { 'max-body': 2, 'max-pixels': 1000, drain: '5', 'trust-proxy': true, cors: 'https://a.example' };
      expect(settingsFrom(content, ['--max-pixels', '2000'])).toMatchObject({
        maxBody: 3 * 1024 * 1024,
        maxPixels: 2000,
        drainMs: 5,
        trustProxy: true,
        corsOrigins: ['https://a.example'],
        port: 8080,
      });
    } finally {
      delete process.env.DIGITS_MAX_BODY;
    }
  });

  it.each([
    [{ 'max-quue': 5 }, /must have settings only, got "max-quue"; did you mean max-queue\?/],
    [{ config: 'other.json' }, /must have settings only, got "config"/],
    [{ port: '80000' }, /value '80000' of "port" in .* is invalid\. It must be a whole number from 0 to 65535\./],
    [{ port: null }, /"port" in .* must be a string, a number or a boolean, got null/],
    [[], /--config must hold a JSON object such as \{ "port": 8080 \}, got another value in/],
    ['{', /--config must be a readable JSON file, got .*settings\.json \(/],
  ])('refuses the file %j', (content, message) => {
    expect(() => settingsFrom(content)).toThrow(message);
  });

  it('refuses a misspelt variable and names the nearest', () => {
    const read = (environment: NodeJS.ProcessEnv) => settingsOf(quiet().parse([], { from: 'user' }), environment);
    expect(() => read({ DIGITS_MAX_QUEU: '1' })).toThrow(
      'an environment variable DIGITS_* must be a setting, got DIGITS_MAX_QUEU; did you mean DIGITS_MAX_QUEUE?',
    );
    expect(() => read({ DIGITS_ADMN_PORT: '1' })).toThrow('did you mean DIGITS_ADMIN_PORT?');
  });

  it('ignores the variables that Kubernetes makes for services', () => {
    const made = {
      DIGITS_API_SERVICE_HOST: '10.0.0.1',
      DIGITS_API_SERVICE_PORT_HTTP: '80',
      DIGITS_API_PORT: 'tcp://10.0.0.1:80',
      DIGITS_API_PORT_80_TCP: 'tcp://10.0.0.1:80',
      DIGITS_API_PORT_80_TCP_ADDR: '10.0.0.1',
    };
    expect(settingsOf(quiet().parse([], { from: 'user' }), made).port).toBe(8080);
  });

  it.each([
    ['s3://digits/feedback/', 's3://digits/feedback'],
    ['s3://digits', 's3://digits'],
  ])('takes the store %s', (text, expected) => {
    const command = quiet().parse(['--feedback-store', text], { from: 'user' });
    expect(settingsOf(command, {}).feedbackStore).toBe(expected);
  });

  it('refuses a store that is not an S3 address', () => {
    expect(() => quiet().parse(['--feedback-store', 's3:digits'], { from: 'user' })).toThrow(
      'It must be a folder or an address such as s3://bucket/prefix.',
    );
  });
});
