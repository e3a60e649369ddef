import { isNativeError } from 'node:util/types';

/** What an error says, whichever realm it comes from. */
export function reasonOf(error: unknown): string {
  return isNativeError(error) ? error.message : String(error);
}
