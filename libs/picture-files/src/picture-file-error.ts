/**
 * Why a picture file was refused: `UNSUPPORTED_FORMAT`, not one of the formats that are read (HTTP 415);
 * `TOO_LARGE`, more bytes or pixels than the limits allow, or longer sides (413); `DAMAGED`, the format's own rules are broken (400);
 * `OUT_OF_RESOURCES`, the machine has no memory or threads left, which says nothing about the file (503).
 */
export type PictureFileErrorCode = 'UNSUPPORTED_FORMAT' | 'TOO_LARGE' | 'DAMAGED' | 'OUT_OF_RESOURCES';

/** A picture file that was refused. The message is one line that says what to do. */
export class PictureFileError extends Error {
  override readonly name = 'PictureFileError';
  readonly code: PictureFileErrorCode;

  constructor(code: PictureFileErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
