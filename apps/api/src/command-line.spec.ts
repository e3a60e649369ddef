import { apiCommand, settingsOf } from './command-line.ts';

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
});
