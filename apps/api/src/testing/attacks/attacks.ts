import type { Attack } from './attack.ts';
import { HTTP_ATTACKS } from './http.ts';
import { PICTURE_ATTACKS } from './pictures.ts';
import { TENSOR_ATTACKS } from './tensors.ts';

/** All attacks. */
export const ATTACKS: readonly Attack[] = [...HTTP_ATTACKS, ...TENSOR_ATTACKS, ...PICTURE_ATTACKS];
