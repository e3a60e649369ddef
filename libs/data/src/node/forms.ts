import { idxForm } from './idx-form.ts';
import { pictureForm } from './picture-form.ts';
import type { DatasetForm } from './stored-dataset.ts';

/** All forms of data sets. A path is of the first form that it matches, so forms that match less come first. */
export const DATASET_FORMS: readonly DatasetForm[] = [idxForm, pictureForm];
