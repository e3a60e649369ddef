import {
  array,
  custom,
  type GenericSchema,
  getMetadata,
  type InferOutput,
  is,
  lazy,
  metadata,
  object,
  type ObjectEntries,
  pipe,
  rawCheck,
  safeParse,
  transform,
  unknown,
} from 'valibot';

/*
 * Checks of untrusted JSON. A schema yields a type and, for a value that breaks a rule, an error that names caller and field:
 * `parseArchitecture: architecture.layers[2].filters must be ..., got ...`, a TypeError for the kind, a RangeError for the value.
 */

/** A check that turns untrusted JSON into a new value of this type. */
export type Schema<Value> = GenericSchema<unknown, Value>;

/** The object that {@link fields} reads; documentation of the entries is that of its fields. */
export type Fields<Entries extends ObjectEntries> = { readonly [Key in keyof Entries]: InferOutput<Entries[Key]> };

/** The entries of each kind of object that {@link variants} reads. */
type Kinds = Readonly<Record<string, ObjectEntries>>;

/** The objects that {@link variants} reads. */
export type Variants<Tag extends string, Each extends Kinds> = {
  [Kind in keyof Each]: Fields<Readonly<Record<Tag, Schema<Kind>>> & Each[Kind]>;
}[keyof Each];

/** What a schema says about itself, for documentation; fields that do not apply are missing. */
export interface SchemaFacts {
  /** Values that a schema of a single value takes, in words. */
  readonly values?: string;
  /** Fields of an object. */
  readonly entries?: ObjectEntries;
  /** Kinds of an object, by what its tag says. */
  readonly kinds?: Kinds;
}

/** Returns what one of the schemas of this file says about itself. */
export function factsOf(schema: GenericSchema): SchemaFacts {
  return getMetadata(schema as Parameters<typeof getMetadata>[0]);
}

function facts<Value>(about: SchemaFacts) {
  return metadata<Value, SchemaFacts & Readonly<Record<string, unknown>>>({ ...about });
}

const MAX_SHOWN = 60;

/** A value as it appears in an error message: JSON, cut when long. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') return typeof value;
  const text = Array.isArray(value) && value.length > MAX_SHOWN ? `an array of ${value.length}` : JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
}

/**
 * Reads a value by its schema.
 *
 * @param where opens the error message: the caller and the value's name
 * @throws TypeError or RangeError naming the first field that breaks a rule, the rule and what was found
 */
export function parse<Value>(schema: Schema<Value>, value: unknown, where: string): Value {
  const result = safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [{ kind, message, input, path = [] }] = result.issues;
  const place = path.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  const text = `${where}${place} must ${message}, got ${shown(input)}`;
  throw kind === 'schema' ? new TypeError(text) : new RangeError(text);
}

/** A rule about a value whose kind was checked; `got` picks what an error shows of it. */
export function must<Value>(
  rule: string,
  holds: (value: Value) => boolean,
  got: (value: Value) => unknown = (value) => value,
) {
  return rawCheck<Value>(({ dataset, addIssue }) => {
    if (dataset.typed && !holds(dataset.value)) addIssue({ message: rule, input: got(dataset.value) });
  });
}

/** A plain object with any fields. */
export const RECORD = custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'be an object',
);

/** A plain object with exactly these fields, in any order; those wrapped in valibot's `optional` may be missing. */
export function fields<Entries extends ObjectEntries>(entries: Entries): Schema<Fields<Entries>> {
  const stranger = (value: Readonly<Record<string, unknown>>) =>
    Object.keys(value).find((key) => !Object.hasOwn(entries, key));
  return pipe(
    RECORD,
    must(`have only the fields ${Object.keys(entries).join(', ')}`, (value) => stranger(value) === undefined, stranger),
    // Without what every object inherits, which `object` would take for fields.
    transform((value): unknown => Object.assign(Object.create(null) as object, value)),
    object(entries, 'be given'),
    facts({ entries }),
  ) as Schema<unknown> as Schema<Fields<Entries>>;
}

/** A plain object of one of several kinds, which the field `tag` names; its other fields are those of its kind. */
export function variants<Tag extends string, Each extends Kinds>(tag: Tag, kinds: Each): Schema<Variants<Tag, Each>> {
  const names = Object.keys(kinds);
  const tagged = pipe(RECORD, object({ [tag]: choice(names) }, 'be given'));
  const schemas = names.map((name) => [name, fields({ [tag]: choice([name]), ...kinds[name] })] as const);
  const schemaOf = new Map<unknown, Schema<unknown>>(schemas);
  const kindOf = (value: unknown) => (is(tagged, value) ? (value as Record<Tag, string>)[tag] : undefined);
  const schema = lazy((value) => schemaOf.get(kindOf(value)) ?? tagged);
  return pipe(schema, facts({ kinds })) as Schema<unknown> as Schema<Variants<Tag, Each>>;
}

/** An array of at least `min` and at most `max` items, which is checked before any of them. */
export function list<Item>(item: Schema<Item>, min: number, max = min): Schema<readonly Item[]> {
  return pipe(
    custom<readonly unknown[]>(Array.isArray, 'be an array'),
    must<readonly unknown[]>(
      `have ${min === max ? min : `${min} to ${max}`} items`,
      ({ length }) => length >= min && length <= max,
      ({ length }) => length,
    ),
    array(item),
  );
}

/** Exactly two items of one kind. */
export function pair<Item>(item: Schema<Item>): Schema<readonly [Item, Item]> {
  return list(item, 2) as Schema<readonly [Item, Item]>;
}

/** A whole number in [min, max]. */
export function integer(min: number, max = Number.MAX_SAFE_INTEGER): Schema<number> {
  return pipe(
    custom<number>((value) => typeof value === 'number', 'be a whole number'),
    must(`be a whole number in [${min}, ${max}]`, (value) => Number.isInteger(value) && value >= min && value <= max),
    facts({ values: `whole number in [${min}, ${max}]` }),
  );
}

/**
 * A finite number in a range.
 *
 * @param open ends that do not belong to the range; default none
 */
export function real(min: number, max: number, open: 'none' | 'min' | 'max' = 'none'): Schema<number> {
  const interval = `${open === 'min' ? '(' : '['}${min}, ${max}${open === 'max' ? ')' : ']'}`;
  return pipe(
    custom<number>((value) => typeof value === 'number', 'be a number'),
    must(
      `be in ${interval}`,
      (value) =>
        Number.isFinite(value) &&
        (open === 'min' ? value > min : value >= min) &&
        (open === 'max' ? value < max : value <= max),
    ),
    facts({ values: `number in ${interval}` }),
  );
}

/** Any finite number. */
export const FINITE = real(-Number.MAX_VALUE, Number.MAX_VALUE);

/** True or false. */
export const BOOLEAN: Schema<boolean> = pipe(
  custom<boolean>((value) => typeof value === 'boolean', 'be true or false'),
  facts({ values: 'true or false' }),
);

/** A string of at most `maxLength` UTF-16 units. */
export function text(maxLength: number): Schema<string> {
  return pipe(
    custom<string>((value) => typeof value === 'string', 'be a string'),
    must(
      `have at most ${maxLength} characters`,
      ({ length }) => length <= maxLength,
      ({ length }) => length,
    ),
  );
}

/** One of the given strings. */
export function choice<const Choice extends string>(choices: readonly Choice[]): Schema<Choice> {
  const isChoice = (value: unknown) => (choices as readonly unknown[]).includes(value);
  return pipe(
    unknown(),
    must(`be one of ${choices.join(', ')}`, isChoice),
    facts({ values: choices.join(', ') }),
  ) as Schema<Choice>;
}
