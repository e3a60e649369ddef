import { engineContract } from '@digits/model/testing';
import { createSimdEngine } from './node.ts';

engineContract(() => createSimdEngine({ threads: 2 }));
