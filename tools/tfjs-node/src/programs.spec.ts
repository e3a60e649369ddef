import { lastError } from './programs.mjs';

describe('lastError', () => {
  it("finds the error in a Node program's trace", () => {
    const output =
      "node:events:502\n      throw er; // Unhandled 'error' event\n\nError: getaddrinfo ENOTFOUND host\n    at x";
    expect(lastError(output)).toBe('Error: getaddrinfo ENOTFOUND host');
  });

  it("finds the reason among npm's lines", () => {
    const output =
      'npm error code ENOTFOUND\nnpm error network request to http://host/a failed, reason: no such host\n';
    expect(lastError(output)).toBe('npm error network request to http://host/a failed, reason: no such host');
  });

  it("takes pip's error before its warnings", () => {
    expect(lastError('WARNING: Retrying\nERROR: No matching distribution found\n')).toBe(
      'ERROR: No matching distribution found',
    );
  });

  it('takes the last line where none looks like an error', () => {
    expect(lastError('first\nlast\n\n')).toBe('last');
  });

  it('says so where a program wrote nothing', () => {
    expect(lastError('\n')).toBe('nothing');
  });
});
