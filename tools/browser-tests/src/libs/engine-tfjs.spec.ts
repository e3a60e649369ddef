import { tfjsPageContract } from './tfjs-page-contract.ts';

tfjsPageContract(['wasm']);
