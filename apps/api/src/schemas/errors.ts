import { Type } from 'typebox';
import { ERRORS, type ErrorCode } from '../errors.ts';

const codes = Object.keys(ERRORS) as ErrorCode[];

/** The one form of every error. */
export const ErrorSchema = Type.Object(
  {
    error: Type.String({ description: 'One line that says what to do.' }),
    code: Type.Union(
      codes.map((code) => Type.Literal(code)),
      { description: 'Stable; statuses and meanings stand in the documentation.' },
    ),
  },
  { title: 'Error', description: 'Every error has this form.' },
);

/**
 * The error answers of a route.
 *
 * @param ownCodes those that only some routes give
 * @returns schemas by status
 */
export function errorResponses(...ownCodes: readonly ErrorCode[]): Record<number, typeof ErrorSchema> {
  const everywhere: ErrorCode[] = [
    'INVALID_REQUEST',
    'URI_TOO_LONG',
    'UNSUPPORTED_MEDIA_TYPE',
    'RATE_LIMITED',
    'INTERNAL',
    'SHUTTING_DOWN',
  ];
  const byStatus: Record<number, typeof ErrorSchema> = {};
  for (const status of new Set([...everywhere, ...ownCodes].map((code) => ERRORS[code].status))) {
    const own = codes.filter((code) => ERRORS[code].status === status);
    const description = own.map((code) => `\`${code}\`: ${ERRORS[code].meaning}.`).join(' ');
    byStatus[status] = { ...ErrorSchema, description } as typeof ErrorSchema;
  }
  return byStatus;
}
