import { createTfjsEngine } from '@digits/engine-tfjs/node';
import { engineContract } from '@digits/model/testing';

describe('createTfjsEngine on tensorflow', () => {
  engineContract(() => createTfjsEngine({ backend: 'tensorflow' }));
});
