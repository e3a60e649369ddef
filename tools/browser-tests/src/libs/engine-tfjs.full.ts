import { tfjsPageContract } from './tfjs-page-contract.ts';

tfjsPageContract(['cpu', 'webgl', 'webgpu']);
