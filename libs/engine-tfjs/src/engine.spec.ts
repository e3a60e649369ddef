import { engineContract } from '@digits/engine-contract';
import { createTfjsEngine } from './node.ts';

describe('createTfjsEngine on cpu', () => {
  engineContract(() => createTfjsEngine({ backend: 'cpu' }));
});

describe('createTfjsEngine on wasm', () => {
  engineContract(() => createTfjsEngine({ backend: 'wasm' }));
});
