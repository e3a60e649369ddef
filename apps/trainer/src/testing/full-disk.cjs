/**
 * Preloaded into the command line, it makes the disk full from the third checkpoint on: writing gives what the system gives then.
 * What was opened for writing exists and is empty, as on a real disk.
 */
const fileSystem = require('node:fs/promises');
const { syncBuiltinESMExports } = require('node:module');

const { open } = fileSystem;
let numCheckpoints = 0;
fileSystem.open = async (path, ...rest) => {
  const file = await open(path, ...rest);
  if (String(path).includes('checkpoint') && ++numCheckpoints > 2) {
    file.writeFile = () =>
      Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }));
  }
  return file;
};
syncBuiltinESMExports();
