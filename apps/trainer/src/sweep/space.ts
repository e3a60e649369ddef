import { openRandomStream, portableExp, portableLog, RandomPurpose, type RandomStream } from '@digits/data';
import * as v from 'valibot';
import { UsageError } from '../command-line.ts';
import { checkJson, jsonObject, parseJson } from '../json.ts';

const condition = v.record(v.string(), v.unknown());

const choice = v.strictObject({ values: v.array(v.unknown()), when: v.exactOptional(condition) });

const range = v.strictObject({
  low: v.pipe(v.number(), v.finite('be a finite number')),
  high: v.pipe(v.number(), v.finite('be a finite number')),
  /** `log` draws the logarithm evenly, for settings whose order of magnitude matters. */
  scale: v.optional(v.picklist(['linear', 'log']), 'linear'),
  integer: v.optional(v.boolean(), false),
  when: v.exactOptional(condition),
});

/** Values of a setting to try, one of a list or any of a range, and the values of other settings that it needs. */
export type Domain = Readonly<v.InferOutput<typeof choice>> | Readonly<v.InferOutput<typeof range>>;

type Range = Extract<Domain, { low: number }>;

/** Search space: a domain for each setting, by its name. */
export type Space = Readonly<Record<string, Domain>>;

/** Settings of one trial, by name; a setting whose condition does not hold is left out. */
export type TrialSettings = Readonly<Record<string, unknown>>;

/** Whether a domain is a range and not a list. */
export function isRange(domain: Domain): domain is Range {
  return 'low' in domain;
}

/**
 * Reads what `--try name=...` gives: `0.1,0.2` is a list of values, `1e-4..1e-1:log` a range, `16..256:int` one of whole numbers, and
 * `0..0.2:points=3` the list 0, 0.1, 0.2.
 *
 * @param where opens an error message: `sweep: --try learningRate`
 * @throws UsageError saying what is wrong
 */
export function parseDomain(text: string, where: string): Domain {
  const match = /^([^,:"]*)\.\.([^,:"]*)((?::[^:,]*)*)$/.exec(text);
  if (match === null) return checkDomain({ values: parseValues(text) }, where);
  const [low, high] = [match[1], match[2]].map((bound) => (bound.trim() === '' ? Number.NaN : Number(bound)));
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    throw new UsageError(`${where} must be a range of two numbers, such as 1e-4..1e-1:log, got ${text}`);
  }
  let domain: Range = { low, high, scale: 'linear', integer: false };
  let numPoints: number | null = null;
  for (const flag of match[3].split(':').slice(1)) {
    const points = /^points=(\d+)$/.exec(flag)?.at(1);
    if (flag === 'log') domain = { ...domain, scale: 'log' };
    else if (flag === 'int') domain = { ...domain, integer: true };
    else if (points !== undefined) numPoints = Number(points);
    else throw new UsageError(`${where} must end in :log, :int or :points=N if in anything, got :${flag}`);
  }
  const checked = checkDomain(domain, where);
  return numPoints === null || !isRange(checked) ? checked : { values: pointsOf(checked, numPoints, where) };
}

/** JSON values, or else texts. */
function parseValues(text: string): unknown[] {
  try {
    return JSON.parse(`[${text}]`) as unknown[];
  } catch {
    return text.split(',').map(parseValue);
  }
}

/** @returns the parsed JSON, or the text itself if it is not JSON */
export function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

const MAX_POINTS = 1000;

/** Values of equal distance, the ends included; those of a log range have equal ratios. */
function pointsOf(domain: Range, numPoints: number, where: string): unknown[] {
  if (numPoints < 2 || numPoints > MAX_POINTS) {
    throw new UsageError(`${where} must have from 2 to ${MAX_POINTS} points, got ${numPoints}`);
  }
  const { low, high, scale } = domain;
  const [start, end] = scale === 'log' ? [portableLog(low), portableLog(high)] : [low, high];
  const values = Array.from({ length: numPoints }, (_, i) =>
    valueAt(domain, start + ((end - start) * i) / (numPoints - 1)),
  );
  return [...new Set(values)];
}

/**
 * Reads a search space from JSON: an object with a list of values, or a range or a list with its condition, for each setting.
 *
 * @param where opens every error message: `sweep: --space FILE`
 * @throws UsageError naming the setting
 */
export function parseSpace(text: string, where: string): Space {
  const content = asUsage(() => parseJson(text, jsonObject, where));
  return Object.fromEntries(
    Object.entries(content).map(([name, value]) => [name, checkDomain(asDomain(value), `${where}: ${name}`)]),
  );
}

/** A list alone is short for an object with one. */
function asDomain(value: unknown): unknown {
  return Array.isArray(value) ? { values: value as unknown[] } : value;
}

function asUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** @throws UsageError if a list is empty or repeats a value, or a range is none */
function checkDomain(value: unknown, where: string): Domain {
  const schema = v.is(v.looseObject({ values: v.unknown() }), value) ? choice : range;
  const domain: Domain = asUsage(() => checkJson(value, schema, where));
  if (!isRange(domain)) {
    const keys = domain.values.map((one) => JSON.stringify(one));
    const repeated = keys.find((key, i) => keys.indexOf(key) < i);
    if (keys.length === 0) throw new UsageError(`${where} must have at least one value, got none`);
    if (repeated !== undefined) throw new UsageError(`${where} must have each value once, got ${repeated} twice`);
    return domain;
  }
  const { low, high, scale, integer } = domain;
  const shown = `${low}..${high}`;
  if (low >= high) throw new UsageError(`${where} must be a range from a lower to a higher number, got ${shown}`);
  if (scale === 'log' && low <= 0) {
    throw new UsageError(`${where} must be a range above 0 for the scale log, got ${shown}`);
  }
  if (integer && !(Number.isSafeInteger(low) && Number.isSafeInteger(high))) {
    throw new UsageError(`${where} must be a range between whole numbers, got ${shown}`);
  }
  return domain;
}

/**
 * Checks that the conditions of a space can hold: each names another setting of the space that has a list of values, and some of them.
 *
 * @throws UsageError naming the setting
 */
export function checkConditions(space: Space): void {
  for (const [name, { when = {} }] of Object.entries(space)) {
    for (const [other, wanted] of Object.entries(when)) {
      const where = `sweep: the condition of ${name}`;
      const domain = Object.hasOwn(space, other) ? space[other] : undefined;
      if (domain === undefined) throw new UsageError(`${where} must name a setting of the space, got ${other}`);
      if (isRange(domain)) throw new UsageError(`${where} must name a setting with a list of values, got ${other}`);
      const known = domain.values.map((value) => JSON.stringify(value));
      const unknown = asList(wanted).find((value) => !known.includes(JSON.stringify(value)));
      if (unknown !== undefined) {
        throw new UsageError(
          `${where} must be a value of ${other} (${known.join(', ')}), got ${JSON.stringify(unknown)}`,
        );
      }
    }
    requireNoRing(space, name, []);
  }
}

function requireNoRing(space: Space, name: string, path: readonly string[]): void {
  if (path.includes(name)) {
    throw new UsageError(`sweep: conditions must not form a ring, got ${[...path, name].join(' -> ')}`);
  }
  for (const other of Object.keys(space[name].when ?? {})) requireNoRing(space, other, [...path, name]);
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** Lists the settings of a space with those that others depend on first. */
function inOrder(space: Space): readonly string[] {
  const ordered: string[] = [];
  const add = (name: string) => {
    if (ordered.includes(name)) return;
    Object.keys(space[name].when ?? {}).forEach(add);
    ordered.push(name);
  };
  Object.keys(space).forEach(add);
  return ordered;
}

/**
 * Chooses a value for each setting whose condition holds.
 *
 * @param choose is called with a setting's name, its domain and its index in the space; for settings that others depend on first
 * @returns the settings in the order of the space
 */
export function chooseSettings(
  space: Space,
  choose: (name: string, domain: Domain, index: number) => unknown,
): TrialSettings {
  const names = Object.keys(space);
  const chosen = new Map<string, unknown>();
  for (const name of inOrder(space)) {
    const domain = space[name];
    if (holds(domain, chosen)) chosen.set(name, choose(name, domain, names.indexOf(name)));
  }
  return Object.fromEntries(names.filter((name) => chosen.has(name)).map((name) => [name, chosen.get(name)]));
}

function holds({ when = {} }: Domain, chosen: ReadonlyMap<string, unknown>): boolean {
  return Object.entries(when).every(
    ([other, wanted]) =>
      chosen.has(other) && asList(wanted).some((value) => JSON.stringify(value) === JSON.stringify(chosen.get(other))),
  );
}

/** Opens the stream of random numbers of one setting of one trial. */
export function openTrialStream(seed: number, trial: number, index: number, attempt = 0): RandomStream {
  return openRandomStream({ seed, purpose: RandomPurpose.sweeps, site: index, epoch: attempt, sample: trial });
}

/** Draws a value of a domain evenly. */
export function drawValue(domain: Domain, stream: RandomStream): unknown {
  if (!isRange(domain)) return stream.pick(domain.values);
  const [low, high] = coordinateBounds(domain);
  return valueAt(domain, stream.uniform(low, high));
}

/** Bounds of a range on the axis where it is even: logarithms for the scale log, with half a step more on each side for whole numbers. */
export function coordinateBounds({ low, high, scale, integer }: Range): readonly [low: number, high: number] {
  const margin = integer ? 0.5 : 0;
  const bounds = [low - margin, high + margin] as const;
  return scale === 'log' ? [portableLog(bounds[0]), portableLog(bounds[1])] : bounds;
}

/** Returns where a value of a range is on the axis of {@link coordinateBounds}. */
export function coordinateOf({ scale }: Range, value: unknown): number {
  return scale === 'log' ? portableLog(Number(value)) : Number(value);
}

/** Digits of a drawn number: enough to search, few enough to type. */
const NUM_DIGITS = 4;

/** Returns the value of a range at a place on the axis of {@link coordinateBounds}; fractions are rounded to four digits. */
export function valueAt({ low, high, scale, integer }: Range, coordinate: number): number {
  const exact = scale === 'log' ? portableExp(coordinate) : coordinate;
  const rounded = integer ? Math.round(exact) : Number(exact.toPrecision(NUM_DIGITS));
  return Math.min(high, Math.max(low, rounded));
}

/**
 * Lists settings that cover each end of each range and each value of each list at least once, to find invalid settings before the first
 * training starts.
 */
export function probeSettings(space: Space): readonly TrialSettings[] {
  return Object.entries(space).flatMap(([name, domain]) => {
    const needed = new Map<string, unknown>([...requirementsOf(space, name)]);
    return probesOf(domain).map((value) =>
      chooseSettings(space, (other, otherDomain) => {
        if (other === name) return value;
        return needed.has(other) ? needed.get(other) : probesOf(otherDomain)[0];
      }),
    );
  });
}

/** A number between the ends finds ranges of fractions for settings that are whole numbers. */
function probesOf(domain: Domain): readonly unknown[] {
  if (!isRange(domain)) return domain.values;
  const [start, end] = coordinateBounds(domain);
  return [domain.low, domain.high, valueAt(domain, start + (end - start) * 0.37)];
}

/** First values of other settings with which the condition of a setting holds. */
function* requirementsOf(space: Space, name: string): Generator<readonly [string, unknown]> {
  for (const [other, wanted] of Object.entries(space[name].when ?? {})) {
    yield [other, asList(wanted)[0]];
    yield* requirementsOf(space, other);
  }
}

/** Shows settings as on the command line: `learningRate=0.001 optimizer.type="adam"`. */
export function showSettings(settings: TrialSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(' ');
}
