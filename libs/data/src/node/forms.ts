import { csvForm } from './formats/csv-form.ts';
import { emnistForm } from './formats/emnist-form.ts';
import { npzForm } from './formats/npz-form.ts';
import { parquetForm } from './formats/parquet-form.ts';
import { idxForm } from './idx-form.ts';
import { pictureForm } from './picture-form.ts';
import type { DatasetForm } from './stored-dataset.ts';

/** All forms of data sets but archives. A path is of the first form that it matches, so forms that match less come first. */
export const DATASET_FORMS: readonly DatasetForm[] = [idxForm, emnistForm, npzForm, parquetForm, csvForm, pictureForm];
