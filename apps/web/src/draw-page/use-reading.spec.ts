import { createLatestReader } from './use-reading.ts';

/** A reader whose answers come when the test says so. */
function slowReader() {
  const answers: string[] = [];
  const errors: unknown[] = [];
  const asked: { subject: string; answer: (text: string) => void; fail: (error: Error) => void }[] = [];
  const reader = createLatestReader(
    (subject: string) =>
      new Promise<string>((resolve, reject) => {
        asked.push({ subject, answer: resolve, fail: reject });
      }),
    (answer) => answers.push(answer),
    (error) => errors.push(error),
  );
  return { reader, asked, answers, errors };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('createLatestReader', () => {
  it('asks for the latest only of what came meanwhile', async () => {
    const { reader, asked, answers } = slowReader();
    for (const subject of ['a', 'b', 'c']) reader.read(subject);
    asked[0].answer('A');
    await settle();
    asked[1].answer('C');
    await settle();
    expect(asked.map(({ subject }) => subject)).toEqual(['a', 'c']);
    expect(answers).toEqual(['A', 'C']);
  });

  it('passes nothing on that was forgotten', async () => {
    const { reader, asked, answers } = slowReader();
    reader.read('a');
    reader.read('b');
    reader.forget();
    asked[0].answer('A');
    await settle();
    expect(asked).toHaveLength(1);
    expect(answers).toEqual([]);
  });

  it('goes on after an error', async () => {
    const { reader, asked, answers, errors } = slowReader();
    reader.read('a');
    reader.read('b');
    asked[0].fail(new Error('no answer'));
    await settle();
    asked[1].answer('B');
    await settle();
    expect(errors).toEqual([new Error('no answer')]);
    expect(answers).toEqual(['B']);
  });
});
