import { Chart } from '../components/chart.tsx';
import { ConfusionTable } from '../components/confusion-table.tsx';
import { exactPercent, wholeNumber } from '../components/figures.ts';
import { MisreadDigits } from '../components/misread-digits.tsx';
import type { AnswersSoFar } from '../training/training-messages.ts';
import type { RunState } from './run-state.ts';
import styles from './run-view.module.css';

/** What a run shows while it learns: curves, and how it answers images that it does not train on. */
export function RunView({ run }: { readonly run: RunState }) {
  const { curves, answers, epochs } = run;
  return (
    <div className={styles.view}>
      <section className={styles.curves} aria-label="Curves">
        <figure>
          <figcaption>Loss: how wrong it is, lower is better</figcaption>
          {curves === null ? <div className={styles.waiting} /> : <Chart svg={curves.loss} />}
        </figure>
        <figure>
          <figcaption>Accuracy: the share it gets right</figcaption>
          {curves === null ? <div className={styles.waiting} /> : <Chart svg={curves.accuracy} />}
        </figure>
      </section>
      {answers !== null && <Answers answers={answers} />}
      {epochs.length > 0 && (
        <section className={styles.part} aria-label="Epochs">
          <h2>After each epoch</h2>
          <div className={styles.scroll} tabIndex={0} role="group" aria-label="Table of epochs">
            <table className={styles.epochs}>
              <thead>
                <tr>
                  <th scope="col">Epoch</th>
                  <th scope="col">Training loss</th>
                  <th scope="col">Validation loss</th>
                  <th scope="col">Validation accuracy</th>
                </tr>
              </thead>
              <tbody>
                {epochs.map(({ epoch, trainLoss, validationLoss, validationAccuracy }) => (
                  <tr key={epoch}>
                    <th scope="row">{epoch + 1}</th>
                    <td>{trainLoss.toFixed(4)}</td>
                    <td>{validationLoss.toFixed(4)}</td>
                    <td>{exactPercent(validationAccuracy)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
    </div>
  );
}

function Answers({ answers }: { readonly answers: AnswersSoFar }) {
  const { classNames, confusionMatrix, numAnswered, numRight, mistakes } = answers;
  return (
    <section className={styles.answers} aria-label="Answers so far">
      <div className={styles.part}>
        <h2>What it takes for what</h2>
        <ConfusionTable
          caption={`Its latest answers to ${wholeNumber(numAnswered)} images it does not train on: ${exactPercent(numRight / numAnswered)} right`}
          classNames={classNames}
          counts={confusionMatrix}
        />
      </div>
      <div className={styles.part}>
        <h2>Its surest mistakes</h2>
        {mistakes.length === 0 ? <p className={styles.none}>None so far.</p> : <MisreadDigits digits={mistakes} />}
      </div>
    </section>
  );
}
