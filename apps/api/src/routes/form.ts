import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { ApiError } from '../service/errors.ts';

/** Maximum number of fields in a form besides its file; they are ignored. */
const MAX_FIELDS = 16;

/**
 * Reads the first file of a form.
 *
 * @param type value of the header Content-Type, with the boundary
 * @throws ApiError `INVALID_REQUEST` if the form is corrupt, has too many fields or no file
 * @see https://www.rfc-editor.org/rfc/rfc7578
 */
export function readFormFile(body: Buffer, type: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown): void => {
      reject(
        new ApiError('INVALID_REQUEST', 'the body must be valid multipart/form-data, got a corrupt form', { cause }),
      );
    };
    const refuse = (): void => {
      reject(new ApiError('INVALID_REQUEST', `the form must have at most ${MAX_FIELDS} fields besides its file`));
    };
    let parser: BusboyInstance;
    try {
      const limits = { files: 1, fields: MAX_FIELDS, fieldSize: 1024, parts: MAX_FIELDS + 1 };
      parser = new Busboy({ headers: { 'content-type': type }, limits });
    } catch (cause) {
      fail(cause);
      return;
    }
    let numFiles = 0;
    parser.on('file', (_, file) => {
      const chunks: Buffer[] = [];
      numFiles++;
      file.on('data', (chunk: Buffer) => chunks.push(chunk));
      file.on('error', fail);
      file.on('end', () => {
        resolve(Buffer.concat(chunks));
      });
    });
    parser.on('partsLimit', refuse);
    parser.on('fieldsLimit', refuse);
    parser.on('error', fail);
    parser.on('finish', () => {
      if (numFiles === 0) reject(new ApiError('INVALID_REQUEST', 'the form must have an image file, got none'));
    });
    parser.end(body);
  });
}
