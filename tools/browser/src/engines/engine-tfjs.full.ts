import { tfjsPageContract } from './page-contract.ts';

tfjsPageContract(['cpu', 'webgl', 'webgpu']);
