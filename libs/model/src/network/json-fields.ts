/**
 * Reads untrusted JSON one field at a time. `where` names caller and field, as in `parseArchitecture: layers[2].filters`,
 * and opens every message: kind is a TypeError, value a RangeError.
 */

const MAX_SHOWN = 60;

/** A value as it appears in an error message: JSON, cut when long. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') return typeof value;
  const text = Array.isArray(value) && value.length > MAX_SHOWN ? `an array of ${value.length}` : JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
}

/** A plain object with exactly `keys`, in any order; those in `optional` may be missing. */
export function readObject<Key extends string>(
  value: unknown,
  where: string,
  keys: readonly Key[],
  optional: readonly Key[] = [],
): Readonly<Record<Key, unknown>> {
  const record = readRecord(value, where);
  for (const key of Object.keys(record)) {
    if (!(keys as readonly string[]).includes(key)) {
      throw new RangeError(`${where} must have only the fields ${keys.join(', ')}, got ${shown(key)}`);
    }
  }
  for (const key of keys) {
    if (!optional.includes(key) && !Object.hasOwn(record, key)) {
      throw new TypeError(`${where}.${key} must be given, got nothing`);
    }
  }
  return record;
}

/** A plain object with whatever keys. */
export function readRecord(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${where} must be an object, got ${shown(value)}`);
  }
  return value as Readonly<Record<string, unknown>>;
}

/** An array of at least `min` and at most `max` items, each read by `readItem`. */
export function readArray<Item>(
  value: unknown,
  where: string,
  min: number,
  max: number,
  readItem: (item: unknown, where: string) => Item,
): Item[] {
  if (!Array.isArray(value)) throw new TypeError(`${where} must be an array, got ${shown(value)}`);
  const items: readonly unknown[] = value;
  if (items.length < min || items.length > max) {
    const rule = min === max ? `${min}` : `${min} to ${max}`;
    throw new RangeError(`${where} must have ${rule} items, got ${items.length}`);
  }
  return Array.from(items, (item, i) => readItem(item, `${where}[${i}]`));
}

/** A whole number in [min, max]. */
export function readInteger(value: unknown, where: string, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number') throw new TypeError(`${where} must be a whole number, got ${shown(value)}`);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${where} must be a whole number in [${min}, ${max}], got ${shown(value)}`);
  }
  return value;
}

/** Which numbers a field takes; both ends belong to the range unless said otherwise. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly openMin?: boolean;
  readonly openMax?: boolean;
}

/** A finite number in the range. */
export function readNumber(value: unknown, where: string, range: NumberRange): number {
  if (typeof value !== 'number') throw new TypeError(`${where} must be a number, got ${shown(value)}`);
  const { min, max, openMin = false, openMax = false } = range;
  const fits = (openMin ? value > min : value >= min) && (openMax ? value < max : value <= max);
  if (!Number.isFinite(value) || !fits) {
    const interval = `${openMin ? '(' : '['}${min}, ${max}${openMax ? ')' : ']'}`;
    throw new RangeError(`${where} must be in ${interval}, got ${shown(value)}`);
  }
  return value;
}

/** True or false. */
export function readBoolean(value: unknown, where: string): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${where} must be true or false, got ${shown(value)}`);
  return value;
}

/** A string of at most `maxLength` UTF-16 units. */
export function readString(value: unknown, where: string, maxLength: number): string {
  if (typeof value !== 'string') throw new TypeError(`${where} must be a string, got ${shown(value)}`);
  if (value.length > maxLength) {
    throw new RangeError(`${where} must have at most ${maxLength} characters, got ${value.length}`);
  }
  return value;
}

/** One of the given strings. */
export function readChoice<Choice extends string>(value: unknown, where: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new RangeError(`${where} must be one of ${choices.join(', ')}, got ${shown(value)}`);
  return choice;
}

/** What `read` makes of the value, or null where it is null. */
export function readNullable<Value>(
  value: unknown,
  where: string,
  read: (value: unknown, where: string) => Value,
): Value | null {
  return value === null ? null : read(value, where);
}
