export { PictureFileError, type PictureFileErrorCode } from './picture-file-error.ts';
export { type PictureFormat, supportedFormat } from './picture-format.ts';
export { DEFAULT_MAX_BYTES, type PictureLimits } from './picture-limits.ts';
export { readPicture, type PictureFile } from './read-picture.ts';
