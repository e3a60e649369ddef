import { engineContract } from '@digits/engine-contract';
import { createSimdEngine } from './node.ts';

engineContract(() => createSimdEngine({ threads: 2 }));
