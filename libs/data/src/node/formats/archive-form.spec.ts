import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStoredDataset } from '../open-stored-dataset.ts';
import { createArchiveForm } from './archive-form.ts';

const FILES = join(__dirname, 'fixtures', 'files');
const BROKEN = join(FILES, 'broken');

function temporaryFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('digits-archive-'));
}

describe('createArchiveForm', () => {
  it.each([
    ['dots.tar.gz', `hold paths within the archive, got '../outside.csv'; make it again from inside its folder`],
    ['absolute.tar.gz', `hold paths within the archive, got '/absolute.csv'; make it again from inside its folder`],
    ['dots.zip', 'be a whole ZIP file, got damaged data (invalid relative path: ../outside.csv); fetch it again'],
    ['twice.zip', `hold each file once, got './train.csv' twice`],
    ['encrypted.zip', 'be a ZIP file without a password, got the encrypted file train.csv; unpack it first'],
    ['truncated.tar.gz', 'be a whole tar archive, got damaged data (unexpected end of file); fetch it again'],
    ['empty.zip', 'hold files, got none that is not hidden'],
    ['link.tar', 'hold files, got none that is not hidden'],
  ])('refuses %s', async (name, message) => {
    const before = temporaryFolders();

    await expect(openStoredDataset(join(BROKEN, name))).rejects.toThrow(
      new RangeError(`openStoredDataset: ${join(BROKEN, name)} must ${message}`),
    );
    expect(temporaryFolders()).toEqual(before);
  });

  it('refuses a truncated ZIP file', async () => {
    await expect(openStoredDataset(join(BROKEN, 'truncated.zip'))).rejects.toThrow(
      /^openStoredDataset: \S+truncated\.zip must be a whole ZIP file, got damaged data \(.+\); fetch it again$/,
    );
  });

  it('refuses a file that differs from the checksum of its archive', async () => {
    await expect(openStoredDataset(join(BROKEN, 'flipped.zip'))).rejects.toThrow(
      /flipped\.zip\/train\.csv must have the checksum [0-9a-f]{8} of its archive, got [0-9a-f]{8}; fetch the archive again$/,
    );
  });

  it('lists all forms for an archive of something else', async () => {
    await expect(openStoredDataset(join(BROKEN, 'nothing-known.zip'))).rejects.toThrow(
      /must be 'mnist' or one of: .*; got an archive with '\S+nothing-known\.zip\/notes' with more\.txt, readme\.txt$/,
    );
  });

  it('refuses an archive that unpacks to too many files or bytes, before they are written', async () => {
    const open = (limits: { numFiles: number; numBytes: number }) =>
      createArchiveForm(() => Promise.reject(new Error('not reached')), limits).open(join(FILES, 'idx.zip'));
    const file = join(FILES, 'idx.zip');

    await expect(open({ numFiles: 3, numBytes: 1000 })).rejects.toThrow(
      `openStoredDataset: ${file} must unpack to at most 3 files and 1000 bytes, got more than 3 files; unpack it yourself and name the folder`,
    );
    await expect(open({ numFiles: 4, numBytes: 200 })).rejects.toThrow(
      /must unpack to at most 4 files and 200 bytes, got at least \d+ bytes; unpack it yourself and name the folder$/,
    );
  });

  it('removes what it unpacked, and pictures can still be read', async () => {
    const before = temporaryFolders();
    const { splits } = await openStoredDataset(join(FILES, 'pictures.tar.gz'));

    expect(temporaryFolders()).toEqual(before);
    const images = splits.test?.images;
    expect(images?.form === 'files' && (await images.read(0)).subarray(1, 4)).toEqual(Buffer.from('PNG'));
  });

  it('names the archive in errors about what is in it', async () => {
    const form = createArchiveForm((path) => Promise.reject(new RangeError(`${path}/train.csv:3 must be short`)));

    await expect(form.open(join(FILES, 'csv.zip'))).rejects.toThrow(
      new RangeError(`${join(FILES, 'csv.zip')}/train.csv:3 must be short`),
    );
  });
});
