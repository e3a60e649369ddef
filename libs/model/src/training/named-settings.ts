import { type AugmentationSettings, NO_AUGMENTATION } from '@digits/data';
import type { GenericSchema } from 'valibot';
import { factsOf } from '../json.ts';
import type { OptimizerSettings } from '../network/optimizer.ts';
import {
  configSchema,
  type EarlyStoppingSettings,
  type LearningRateSchedule,
  type TrainingConfig,
} from './settings.ts';

type OfType<Settings extends { readonly type: string }> = {
  readonly [Type in Settings['type']]: Omit<Extract<Settings, { readonly type: Type }>, 'type' | 'learningRate'>;
};

/** Fields of each type of optimizer and schedule if a run chooses another type than its preset's; the learning rate stays. */
const TYPE_DEFAULTS: {
  readonly optimizer: OfType<OptimizerSettings>;
  readonly schedule: OfType<LearningRateSchedule>;
} = {
  optimizer: {
    sgd: { momentum: 0.9, nesterov: false },
    adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    adamw: { beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0.01 },
  },
  schedule: {
    constant: {},
    cosine: { finalDivisor: 1000 },
    oneCycle: { warmupFraction: 0.25, initialDivisor: 25, finalDivisor: 1000 },
  },
};

/** Fields of a setting that is off in the preset if a run gives one of its fields; a setting of one field has no other. */
const TURNED_ON: Readonly<Record<string, object>> = {
  earlyStopping: { patience: 3, minDelta: 0 } satisfies EarlyStoppingSettings,
  handwriting: { count: 24_000, strength: 1.2, pictureShare: 0, penShare: 0.5 } satisfies TrainingConfig['handwriting'],
  negatives: {},
  neighbours: {},
  pages: {},
  augmentation: NO_AUGMENTATION,
  'augmentation.affine': { rotation: 0, scale: 0, shear: 0, translation: 0 } satisfies AugmentationSettings['affine'],
  'augmentation.elastic': { displacement: 1, gridSize: 5 } satisfies AugmentationSettings['elastic'],
  'augmentation.strokeWidth': {},
  'augmentation.erasing': { probability: 0.3, size: 6 } satisfies AugmentationSettings['erasing'],
};

/** The one setting that has a short name. */
const SHORT_NAMES: Readonly<Record<string, string>> = { learningRate: 'schedule.learningRate' };

/** Returns the whole name of a setting, such as `schedule.learningRate` for `learningRate`. */
export function settingName(name: string): string {
  return Object.hasOwn(SHORT_NAMES, name) ? SHORT_NAMES[name] : name;
}

/**
 * Sets some settings of a preset by their names. Nothing is checked but that a field has an object to be in.
 *
 * @param settings by name; of a name that is given again, or given after one of its fields, the later value counts
 * @returns a new object
 * @throws RangeError naming the setting
 */
export function applySettings(
  preset: object,
  settings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const config: unknown = structuredClone(preset);
  for (const [name, value] of inOrder(settings)) setByName(config as Fields, name, value);
  return config as Fields;
}

type Fields = Record<string, unknown>;

/** Whole objects come before types, and these before other fields, which depend on them. */
function inOrder(settings: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  const byName = new Map<string, unknown>();
  for (const [given, value] of Object.entries(settings)) {
    const name = settingName(given);
    for (const other of [...byName.keys()]) {
      if (other === name || other.startsWith(`${name}.`)) byName.delete(other);
    }
    byName.set(name, value);
  }
  const rank = (name: string) => name.split('.').length + (name.endsWith('.type') ? 0 : 0.5);
  return [...byName].sort(([a], [b]) => rank(a) - rank(b));
}

function setByName(config: Fields, name: string, value: unknown): void {
  const keys = name.split('.');
  const field = keys[keys.length - 1];
  const parent = keys.slice(0, -1).reduce<Fields>((at, key, i) => {
    const path = keys.slice(0, i + 1).join('.');
    if (at[key] === null && Object.hasOwn(TURNED_ON, path)) at[key] = { ...TURNED_ON[path] };
    const child = Object.hasOwn(at, key) ? at[key] : undefined;
    if (isRecord(child)) return child;
    throw new RangeError(`train: settings.${name} must be a field of a setting that is there, got none`);
  }, config);
  if (keys.length === 1) config[field] = completed(field, value, config[field]);
  else if (field === 'type') config[keys[0]] = completed(keys[0], { type: value }, parent);
  else parent[field] = value;
}

/** Adds the fields that a setting's object leaves out; any other value stays as it is. */
function completed(name: string, value: unknown, before: unknown): unknown {
  if (!isRecord(value)) return value;
  if (Object.hasOwn(TURNED_ON, name)) return { ...TURNED_ON[name], ...value };
  if (!Object.hasOwn(TYPE_DEFAULTS, name) || !isRecord(before)) return value;
  if (value.type === before.type) return { ...before, ...value };
  const defaults: Readonly<Record<string, object>> = TYPE_DEFAULTS[name as keyof typeof TYPE_DEFAULTS];
  const { type } = value;
  if (typeof type !== 'string' || !Object.hasOwn(defaults, type)) return value;
  const { learningRate } = before;
  return { ...(learningRate !== undefined && { learningRate }), ...defaults[type], ...value };
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One setting of a training run, for documentation. */
export interface SettingDescription {
  /** Name that sets it, such as `optimizer.momentum`. */
  readonly name: string;
  /** Type of optimizer or schedule that has it, null if it is there in any case. */
  readonly type: string | null;
  /** Values that it takes, in words. */
  readonly values: string;
  /** Value if the run turns its group on, or chooses another type than the preset's, without naming it; undefined if there is none. */
  readonly initial: unknown;
}

const NOT_DESCRIBED = ['preset', 'architecture'];

/** Lists every setting of a training run, preset and architecture aside, in the order of the configuration. */
export function describeSettings(): readonly SettingDescription[] {
  const entries = Object.entries(factsOf(configSchema).entries ?? {}).filter(([name]) => !NOT_DESCRIBED.includes(name));
  return describeFields(Object.fromEntries(entries), '', null, {});
}

function describeFields(
  entries: Readonly<Record<string, GenericSchema>>,
  prefix: string,
  type: string | null,
  initial: Readonly<Record<string, unknown>>,
): SettingDescription[] {
  return Object.entries(entries).flatMap(([key, schema]): SettingDescription[] => {
    const name = `${prefix}${key}`;
    const { inner, isNullable } = unwrapped(schema);
    const { values, entries: fields, kinds } = factsOf(inner);
    const orNull = isNullable ? ', or null' : '';
    if (kinds !== undefined) {
      const defaults: Readonly<Record<string, object>> = TYPE_DEFAULTS[name as keyof typeof TYPE_DEFAULTS];
      return [
        { name: `${name}.type`, type: null, values: Object.keys(kinds).join(', '), initial: undefined },
        ...Object.entries(kinds).flatMap(([kind, own]) => describeFields(own, `${name}.`, kind, { ...defaults[kind] })),
      ];
    }
    if (fields === undefined) return [{ name, type, values: `${values ?? 'any'}${orNull}`, initial: initial[key] }];
    return [
      { name, type, values: `its fields${orNull}`, initial: initial[key] },
      ...describeFields(fields, `${name}.`, null, { ...TURNED_ON[name] }),
    ];
  });
}

/** Returns the schema inside valibot's `optional` and `nullable`. */
function unwrapped(schema: GenericSchema): { readonly inner: GenericSchema; readonly isNullable: boolean } {
  let inner = schema;
  let isNullable = false;
  while ('wrapped' in inner) {
    isNullable ||= inner.type === 'nullable';
    inner = inner.wrapped as GenericSchema;
  }
  return { inner, isNullable };
}
