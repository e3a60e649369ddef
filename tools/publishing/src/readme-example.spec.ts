import { readmeExamples } from './readme-example.ts';

describe('readmeExamples', () => {
  it('takes each block of TypeScript with what it prints', () => {
    const readme = [
      '# A lib',
      '```ts',
      "import { report } from 'lib';",
      '// Not printed.',
      'console.log(report.total); // 3',
      'console.log(report.text);',
      '// one  1',
      '//',
      '//   sum  3',
      'report.close(); // not printed',
      '```',
      '```sh',
      'npm install lib',
      '```',
      '```ts',
      'console.log([1, 2]); // [ 1, 2 ]',
      '```',
    ].join('\n');

    expect(readmeExamples(readme)).toEqual([
      { code: expect.stringContaining('report.close();') as string, output: ['3', 'one  1', '', '  sum  3'] },
      { code: 'console.log([1, 2]); // [ 1, 2 ]\n', output: ['[ 1, 2 ]'] },
    ]);
  });

  it('finds none in a text without code', () => {
    expect(readmeExamples('# A lib\n')).toEqual([]);
  });
});
