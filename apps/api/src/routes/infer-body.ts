import type { FastifyRequest } from 'fastify';
import { ApiError } from '../errors.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The bytes behind the JSON of an inference request, null where there are none. */
    binary: Uint8Array | null;
  }
}

const LENGTH_HEADER = 'inference-header-content-length';

/**
 * Takes the body of an inference request apart: JSON, and the bytes behind it, which `request.binary` keeps.
 *
 * @returns the JSON
 * @throws ApiError `INVALID_JSON` or `INVALID_REQUEST`
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/extension_binary_data.html
 */
export function readInferBody(request: FastifyRequest, body: Buffer): unknown {
  const jsonLength = readJsonLength(request.headers[LENGTH_HEADER], body.length);
  if (jsonLength < body.length) request.binary = body.subarray(jsonLength);
  try {
    return JSON.parse(body.toString('utf8', 0, jsonLength));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    // The reason quotes the body, which may be long and may be bytes.
    throw new ApiError(
      'INVALID_JSON',
      `the body must begin with a JSON object of ${jsonLength} bytes, got none${position(reason)}`,
      {
        cause,
      },
    );
  }
}

function readJsonLength(header: string | string[] | undefined, bodyLength: number): number {
  if (header === undefined) return bodyLength;
  const length = typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : NaN;
  if (!(length <= bodyLength)) {
    throw new ApiError(
      'INVALID_REQUEST',
      `Inference-Header-Content-Length must be a whole number up to the ${bodyLength} bytes of the body, got "${String(header).slice(0, 40)}"`,
    );
  }
  return length;
}

function position(reason: string): string {
  const found = /at position (\d+)/.exec(reason);
  return found === null ? '' : ` (at position ${found[1]})`;
}
