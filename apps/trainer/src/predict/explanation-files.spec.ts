import { folderNames } from './explanation-files.ts';

describe('folderNames', () => {
  it('gives each file a folder of its own, in the order of the files', () => {
    const files = ['a.png', 'more/a.png', 'a-2.png', 'more/A.jpg', 'b.png', '-'];
    expect(folderNames(files)).toEqual(['a', 'a-2', 'a-2-2', 'A-3', 'b', 'standard-input']);
  });
});
