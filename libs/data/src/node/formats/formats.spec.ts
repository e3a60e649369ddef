import { join } from 'node:path';
import { itOpensFixtures } from './real-files.fixture.ts';

describe('openStoredDataset', () => {
  itOpensFixtures(() => join(__dirname, 'fixtures', 'files'));
});
