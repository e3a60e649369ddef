/**
 * Lists the settings of a training run: `npm run settings` builds `@digits/model` and writes `docs/settings.md`, or the file that is named.
 *
 * Names, values and defaults are those of the schema and the presets; what a setting means is the comment of its field in the source.
 */
import { describeSettings, PIXEL_PRESET_NAMES, PRESET_NAMES, presetConfig } from '@digits/model';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import ts from 'typescript';
import { workspaceRoot } from './programs.mjs';

const SOURCE = join(workspaceRoot, 'libs', 'model', 'src', 'training', 'settings.ts');
const PRESETS = [...PRESET_NAMES, ...PIXEL_PRESET_NAMES];

/** Returns the page, formatted. */
async function settingsPage() {
  const meaningOf = readMeanings();
  const sections = [...groupBy(describeSettings())].map(([title, settings]) => {
    const hasInitial = settings.some(({ initial }) => initial !== undefined);
    const header = ['setting', 'what it does', 'values', ...(hasInitial ? ['if not given'] : []), ...PRESETS];
    const rows = settings.map((setting) => [
      `\`${setting.name}\``,
      meaningOf(setting),
      setting.values,
      ...(hasInitial ? [shown(setting.initial)] : []),
      ...PRESETS.map((preset) => presetValue(preset, setting)),
    ]);
    const table = [header, header.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`);
    return `## ${title}\n\n${table.join('\n')}\n`;
  });
  const page = [INTRODUCTION, ...sections].join('\n');
  const options = await prettier.resolveConfig(join(workspaceRoot, 'docs', 'settings.md'));
  return prettier.format(page, { ...options, parser: 'markdown' });
}

const INTRODUCTION = `# Settings

Every setting of a training run, with the values that it takes and its value in each preset. Written by \`npm run settings\` from the
schema and the presets; a test keeps it true.

- \`--set name=value\` sets one, and can be repeated: \`npm run train -- --set batchSize=64 --set schedule.learningRate=0.003\`.
- \`--epochs\`, \`--seed\`, \`--batch-size\` and \`--lr\` (\`schedule.learningRate\`, or \`learningRate\` for short) are options too. A
  setting that is given twice is refused.
- \`--config FILE\` reads settings and options from JSON. The command line comes before the file, and both before the preset.
- \`npm run sweep -- --try name=value,value\` tries several values. \`--dry-run\` prints what a run or a sweep would do.
- A field of a setting that is off turns it on: \`--set earlyStopping.patience=2\`. Its other fields get the value in the column
  *if not given*. \`--set earlyStopping=null\` turns a setting off.
- Another type of optimizer or schedule comes with the values in that column: \`--set optimizer.type=sgd\`. The learning rate stays.
- For data sets smaller than MNIST, presets hold out the same share for validation: \`validationSize\` times images / 60,000.
- \`architecture\` takes the layers of a network, as \`config.json\` of a run shows them; use \`--config\`.

A dash means that the preset does not have the setting.
`;

/** @param {{ name: string, type: string | null }} setting */
function groupOf({ name, type }) {
  const parts = name.split('.');
  if (type !== null) return `${parts[0]}: ${type}`;
  return parts.length === 1 && !GROUPS.has(name) ? 'General' : parts[0];
}

/** Settings that are objects. */
const GROUPS = new Set(describeSettings().flatMap(({ name }) => (name.includes('.') ? [name.split('.')[0]] : [])));

/** @param {readonly import('@digits/model').SettingDescription[]} settings */
function groupBy(settings) {
  /** @type {Map<string, import('@digits/model').SettingDescription[]>} */
  const groups = new Map();
  for (const setting of settings) groups.set(groupOf(setting), [...(groups.get(groupOf(setting)) ?? []), setting]);
  return groups;
}

/**
 * @param {import('@digits/model').AnyPresetName} preset
 * @param {{ name: string, type: string | null }} setting
 */
function presetValue(preset, { name, type }) {
  const keys = name.split('.');
  /** @type {unknown} */
  let value = presetConfig(preset);
  for (const [i, key] of keys.entries()) {
    const parent = /** @type {Record<string, unknown>} */ (value);
    if (i > 0 && type !== null && parent.type !== type) return '-';
    value = parent[key];
    if (value === null || value === undefined) return i === keys.length - 1 ? shown(value) : '-';
  }
  return typeof value === 'object' ? 'on' : shown(value);
}

/** @param {unknown} value */
function shown(value) {
  if (value === undefined) return '-';
  return typeof value === 'string' ? value : typeof value === 'object' && value !== null ? 'on' : String(value);
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}

/** Reads the comments of the fields of `TrainingConfig`, of every depth. */
function readMeanings() {
  const program = ts.createProgram([SOURCE], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
  });
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(SOURCE);
  const module = file && checker.getSymbolAtLocation(file);
  const config = module && checker.getExportsOfModule(module).find(({ name }) => name === 'TrainingConfig');
  if (config === undefined) throw new Error(`settings: ${SOURCE} must export TrainingConfig, got none`);
  const root = checker.getDeclaredTypeOfSymbol(config);

  /**
   * @param {readonly ts.Type[]} parents
   * @param {string} key
   */
  const fieldsOf = (parents, key) =>
    parents.flatMap((type) => (type.isUnion() ? type.types : [type])).flatMap((type) => type.getProperty(key) ?? []);

  /**
   * @param {readonly ts.Type[]} types
   * @param {string | null} kind
   */
  const ofKind = (types, kind) =>
    types
      .flatMap((type) => (type.isUnion() ? type.types : [type]))
      .filter((type) => {
        const tag = type.getProperty('type');
        const literal = tag && checker.getTypeOfSymbol(tag);
        return kind === null || (literal?.isStringLiteral() === true && literal.value === kind);
      });

  return (/** @type {{ name: string, type: string | null }} */ { name, type: kind }) => {
    const keys = name.split('.');
    /** @type {readonly ts.Type[]} */
    let types = [root];
    for (const [i, key] of keys.entries()) {
      const fields = fieldsOf(i === 0 ? types : ofKind(types, kind), key);
      if (fields.length === 0) throw new Error(`settings: TrainingConfig must have the field ${name}, got none`);
      if (i === keys.length - 1) {
        const [field] = fields;
        const [type] = ofKind([checker.getNonNullableType(checker.getTypeOfSymbol(field))], null);
        const own = ts.displayPartsToString(field.getDocumentationComment(checker));
        const comment = own === '' ? ts.displayPartsToString(type.symbol?.getDocumentationComment(checker)) : own;
        if (comment === '' && key === 'type') return `Type of ${keys[0]}; its fields are below.`;
        if (comment === '') throw new Error(`settings: ${name} must have a comment that says what it does, got none`);
        return comment.replaceAll(/\{@link (\w+)\}/g, '`$1`');
      }
      types = fields.map((field) => checker.getTypeOfSymbol(field));
    }
    return '';
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(process.argv[2] ?? join(workspaceRoot, 'docs', 'settings.md'), await settingsPage());
}
