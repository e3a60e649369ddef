import * as v from 'valibot';

/** Makes a schema that accepts any JSON object as `Type`, whose writer is trusted for the fields. */
export const jsonObjectOf = <Type>() =>
  v.custom<Type>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'be a JSON object');

/** Schema of any JSON object. */
export const jsonObject = jsonObjectOf<Readonly<Record<string, unknown>>>();

/**
 * Parses JSON and checks it against a schema, whose messages are rules such as `be a digit`.
 *
 * @param where what the text is, for messages: `samples: labels.json`
 * @throws Error as `samples: labels.json: 7.png must be a digit, got "x"`
 */
export function parseJson<Schema extends v.GenericSchema>(
  text: string,
  schema: Schema,
  where: string,
): v.InferOutput<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${where} must be JSON, got ${text.slice(0, MAX_SHOWN)}`, { cause });
  }
  return checkJson(value, schema, where);
}

/**
 * Checks a JSON value against a schema, as {@link parseJson} does.
 *
 * @throws Error naming the field that is wrong
 */
export function checkJson<Schema extends v.GenericSchema>(
  value: unknown,
  schema: Schema,
  where: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  const shown = issue.input === undefined ? 'nothing' : JSON.stringify(issue.input).slice(0, MAX_SHOWN);
  throw new Error(`${where}${path === null ? '' : `: ${path}`} must ${ruleOf(issue)}, got ${shown}`);
}

const MAX_SHOWN = 60;

const RULES: Readonly<Record<string, string>> = {
  array: 'be an array',
  boolean: 'be true or false',
  number: 'be a number',
  object: 'be a JSON object',
  record: 'be a JSON object',
  strict_object: 'be a JSON object',
  string: 'be a string',
};

function ruleOf({ type, message, expected, input }: v.BaseIssue<unknown>): string {
  if (!message.startsWith('Invalid ')) return message;
  if (expected === 'never') return 'be left out';
  if (input === undefined) return 'be given';
  return RULES[type] ?? `be ${expected?.replaceAll(/[()]/g, '').replaceAll(' | ', ' or ') ?? 'valid'}`;
}
