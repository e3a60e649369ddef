'use client';

import { type ChangeEvent, useEffect, useState } from 'react';
import { Button, buttonClass, Icon } from '../components/button.tsx';
import { forgetOwnModel, keepOwnModel, type OwnModel, readOwnModel } from '../own-model.ts';
import styles from './train-page.module.css';

/** Which network answers on the Draw page, and opening one from files. */
export function OwnModelSection() {
  const [own, setOwn] = useState<OwnModel | null>(null);
  const [message, setMessage] = useState('');
  useEffect(() => {
    void readOwnModel().then(setOwn);
  }, []);
  const open = ({ currentTarget }: ChangeEvent<HTMLInputElement>) => {
    const files = [...(currentTarget.files ?? [])];
    // The same files chosen again count as chosen.
    currentTarget.value = '';
    void openModel(files).then(
      (opened) => {
        setOwn(opened);
        setMessage(`${opened.name} now answers on the Draw page.`);
      },
      (error: unknown) => {
        setMessage(error instanceof Error ? error.message : String(error));
      },
    );
  };
  const forget = () => {
    void forgetOwnModel().then(() => {
      setOwn(null);
      setMessage('The bundled network answers on the Draw page again.');
    });
  };
  return (
    <section className={styles.own} aria-labelledby="own-title">
      <h2 id="own-title">Open a network</h2>
      <p className={styles.lead}>
        Choose the <code>model.json</code> and <code>weights.bin</code> of a network that was downloaded here, or
        trained on the command line, and it answers on the Draw page, in this browser alone. Networks of Keras,
        TensorFlow.js and PyTorch (ONNX) open too.
      </p>
      <div className={styles.choices}>
        <label className={buttonClass()}>
          <Icon name="open" />
          Open model files
          <input
            className="visually-hidden"
            type="file"
            accept=".json,.bin,.onnx,.keras,.h5,.hdf5"
            multiple
            data-testid="open-model"
            onChange={open}
          />
        </label>
        {own !== null && (
          <Button look="quiet" onClick={forget}>
            Use the bundled one again
          </Button>
        )}
      </div>
      <p role="status" className={styles.status} data-testid="own-model-status">
        {message === '' && own !== null ? `On the Draw page answers: ${own.name}.` : message}
      </p>
    </section>
  );
}

/** @throws Error in words for whoever chose the files */
async function openModel(files: readonly File[]): Promise<OwnModel> {
  const json = files.find(({ name }) => name.endsWith('.json'));
  const weights = files.find(({ name }) => name.endsWith('.bin'));
  const isSingleFile = files.some(({ name }) => SINGLE_FILES.test(name));
  if (!isSingleFile && (json === undefined || weights === undefined)) {
    const names = files.map(({ name }) => name).join(', ');
    throw new Error(
      `Choose model.json and its .bin files at once, or one .onnx, .keras or .h5 file; these were chosen: ${names}.`,
    );
  }
  const { decodeModel, encodeModel } = await import('@digits/model');
  const isOurs = json !== undefined && !isSingleFile && isOwnTopology(await json.text());
  const model =
    json !== undefined && weights !== undefined && isOurs
      ? { modelJson: await json.text(), weightsBin: new Uint8Array(await weights.arrayBuffer()) }
      : encodeModel(await importFiles(files));
  const { architecture, metadata } = decodeModel(model);
  const size = architecture.inputShape.join('x');
  if (size !== '28x28x1')
    throw new Error(`The Draw page needs a network for images of 28x28x1, this one takes ${size}.`);
  const own = { name: `${metadata.preset ?? 'your network'}, opened from files`, files: model };
  await keepOwnModel(own);
  return own;
}

/** Files that hold a whole network of another framework. */
const SINGLE_FILES = /\.(?:onnx|keras|h5|hdf5)$/i;

/** Whether a `model.json` was written by this project; the others are TensorFlow.js models. */
function isOwnTopology(text: string): boolean {
  try {
    const { userDefinedMetadata } = JSON.parse(text) as { userDefinedMetadata?: { architecture?: unknown } };
    return userDefinedMetadata?.architecture !== undefined;
  } catch {
    return true;
  }
}

async function importFiles(files: readonly File[]) {
  const { importModel } = await import('@digits/model/import');
  const named = files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) }));
  return importModel(await Promise.all(named));
}
