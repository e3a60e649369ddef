import { ApiError } from './errors.ts';

/** Maximum depth of arrays and objects; the deepest valid request has 6 levels. */
const MAX_DEPTH = 32;

/** Maximum number of objects and keys; valid requests have two per image at most. */
const MAX_OBJECTS_AND_KEYS = 10_000;

/** Size below which no structure is a burden, in bytes. */
const SMALL = 16 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Parses JSON whose arrays and objects are bounded before they take memory: `[[[[...` takes 20 times its size.
 *
 * @throws ApiError `INVALID_JSON` if the text is not JSON, nests deeper than 32 levels or has more than 10,000 objects and keys
 */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length > SMALL) requireFlat(bytes);
  try {
    return JSON.parse(bytes.toString());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    // The reason quotes the body, which may be long and binary, so only its position is passed on.
    const place = /at position (\d+)/.exec(reason)?.[1];
    throw new ApiError(
      'INVALID_JSON',
      `the body must start with a JSON object of ${bytes.length} bytes, got invalid JSON${place === undefined ? '' : ` (at position ${place})`}`,
      { cause },
    );
  }
}

function requireFlat(bytes: Buffer): void {
  let depth = 0;
  let numObjectsAndKeys = 0;
  for (let i = 0; i < bytes.length; i++) {
    switch (bytes[i]) {
      case QUOTE:
        i = endOfString(bytes, i);
        break;
      case OPEN_ARRAY:
        depth++;
        break;
      case OPEN_OBJECT:
        depth++;
        numObjectsAndKeys++;
        break;
      case COLON:
        numObjectsAndKeys++;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth--;
        break;
    }
    if (depth > MAX_DEPTH) {
      throw new ApiError('INVALID_JSON', `the JSON must have at most ${MAX_DEPTH} nested levels, got more`);
    }
    if (numObjectsAndKeys > MAX_OBJECTS_AND_KEYS) {
      throw new ApiError(
        'INVALID_JSON',
        `the JSON must have at most ${MAX_OBJECTS_AND_KEYS} objects and keys, got more`,
      );
    }
  }
}

/** Returns the index of the closing quote of a string, or that of the last byte. */
function endOfString(bytes: Buffer, start: number): number {
  for (let i = start + 1; i < bytes.length; i++) {
    if (bytes[i] === QUOTE) return i;
    if (bytes[i] === BACKSLASH) i++;
  }
  return bytes.length;
}

/** Returns a short description of a received value for an error message; it does not descend into arrays and objects. */
export function describeValue(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text =
    typeof value === 'number' ? String(value) : JSON.stringify(typeof value === 'string' ? value.slice(0, 80) : value);
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
