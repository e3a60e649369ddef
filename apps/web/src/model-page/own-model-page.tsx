import { countParameters, decodeModel, numClassesOf } from '@digits/model';
import { useMemo } from 'react';
import { Button } from '../components/button.tsx';
import { ConfusionTable } from '../components/evaluation.tsx';
import { wholeNumber } from '../components/figures.ts';
import { Page } from '../components/page.tsx';
import { CANNOT_REJECT, forgetOwnModel, type OwnModel } from '../own-model.ts';
import { ModelHeadline } from './model-headline.tsx';
import styles from './model-page.module.css';
import { SpeedTest } from './speed-test.tsx';

interface OwnModelPageProps {
  readonly model: OwnModel;
  /** Called once the bundled model answers again. */
  readonly onForget: () => void;
}

/** The visitor's own model: what it is, what it can't do, and its figures if it was tested. */
export function OwnModelPage({ model: { name, files }, onForget }: OwnModelPageProps) {
  const { architecture, metadata } = useMemo(() => decodeModel(files), [files]);
  const { testMetrics, classNames, dataset } = metadata;
  const limits = [
    ...(numClassesOf(architecture) > classNames.length ? [] : [CANNOT_REJECT]),
    ...(metadata.rejection === null ? ['It never refuses an answer.'] : []),
    ...(testMetrics === null ? ['It was not tested, so its accuracy is unknown.'] : []),
  ];
  const forget = () => {
    void forgetOwnModel().then(onForget);
  };
  return (
    <Page
      title="The model"
      intro={`Your own network answers on the Draw page in this browser: ${name}.`}
      className={styles.page}
    >
      <ModelHeadline
        evaluation={testMetrics}
        facts={{
          ...metadata,
          parameters: countParameters(architecture).trainable,
          fileBytes: new Blob([files.modelJson]).size + files.weightsBin.length,
        }}
        more={[
          ['Layers', String(architecture.layers.length)],
          ['Trained on', dataset?.name ?? 'unknown'],
        ]}
      />
      {limits.length > 0 && (
        <section className={styles.part} aria-labelledby="limits-title">
          <h2 id="limits-title">What it can’t do</h2>
          {limits.map((limit) => (
            <p key={limit} className={styles.lead}>
              {limit}
            </p>
          ))}
        </section>
      )}
      {testMetrics !== null && (
        <section className={styles.part} aria-labelledby="mistakes-title">
          <h2 id="mistakes-title">Where it goes wrong</h2>
          <ConfusionTable
            caption={`Answers to ${wholeNumber(testMetrics.count)} test digits`}
            classNames={classNames}
            counts={testMetrics.confusionMatrix}
          />
        </section>
      )}
      <section className={styles.part} aria-labelledby="speed-title">
        <h2 id="speed-title">How fast it is</h2>
        <SpeedTest files={files} />
      </section>
      <p>
        <Button onClick={forget}>Use the bundled network again</Button>
      </p>
    </Page>
  );
}
