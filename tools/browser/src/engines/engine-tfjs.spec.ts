import { tfjsPageContract } from './page-contract.ts';

tfjsPageContract(['wasm']);
