import { engineContract } from './engine-contract.ts';
import { referenceEngine } from './reference-engine.ts';

describe('referenceEngine', () => {
  engineContract(() => referenceEngine);
});
