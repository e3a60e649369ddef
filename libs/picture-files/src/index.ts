export { PictureFileError, type PictureFileErrorCode } from './picture-file-error.ts';
export {
  DEFAULT_MAX_BYTES,
  readPicture,
  type PictureFile,
  type PictureFormat,
  type PictureLimits,
} from './read-picture.ts';
