import { barChart, reliabilityDiagram } from '@digits/charts';
import { Chart } from '../components/evaluation.tsx';
import { exactPercent, wholeNumber } from '../components/figures.ts';
import { Page } from '../components/page.tsx';
import { AnsweringModel } from './answering-model.tsx';
import { MistakeExplorer } from './mistake-explorer.tsx';
import type { ModelFigures } from './model-figures.ts';
import { ModelHeadline } from './model-headline.tsx';
import styles from './model-page.module.css';
import { SpeedTest } from './speed-test.tsx';

/** The model that answers on the Draw page: what it is, how good it is, and where it fails. */
export function ModelPage({ figures }: { readonly figures: ModelFigures }) {
  return (
    <AnsweringModel>
      <BundledModel figures={figures} />
    </AnsweringModel>
  );
}

function BundledModel({ figures }: { readonly figures: ModelFigures }) {
  const { evaluation, classNames, mistakes } = figures;
  return (
    <Page
      title="The model"
      intro={`The bundled network, which answers on the Draw page, measured on the ${wholeNumber(evaluation.count)} test digits of MNIST, which were never trained on.`}
      className={styles.page}
    >
      <ModelHeadline
        evaluation={evaluation}
        facts={figures.facts}
        more={[['Refused as not a digit', exactPercent(1 - figures.numAnswered / evaluation.count)]]}
      />
      <section className={styles.part} aria-labelledby="mistakes-title">
        <h2 id="mistakes-title">Where it goes wrong</h2>
        <MistakeExplorer
          classNames={classNames}
          mistakes={mistakes}
          counts={evaluation.confusionMatrix}
          count={evaluation.count}
        />
      </section>
      <Plots figures={figures} />
      <section className={styles.part} aria-labelledby="speed-title">
        <h2 id="speed-title">How fast it is</h2>
        <p className={styles.lead}>
          It runs on hand-written WebAssembly kernels in a worker of this page; more than one thread needs a page that
          is cross-origin isolated.
        </p>
        <SpeedTest />
      </section>
      {figures.cardHtml !== '' && (
        <section className={styles.part} aria-labelledby="card-title">
          <h2 id="card-title">Model card</h2>
          <div className={styles.card} dangerouslySetInnerHTML={{ __html: figures.cardHtml }} />
        </section>
      )}
    </Page>
  );
}

function Plots({ figures: { evaluation, reliability } }: { readonly figures: ModelFigures }) {
  const lowest = Math.min(...evaluation.perClass.map(({ f1 }) => f1));
  const barsBegin = Math.max(0, Math.floor(20 * lowest - 1) / 20);
  return (
    <div className={styles.plots}>
      <section className={styles.part} aria-labelledby="honest-title">
        <h2 id="honest-title">How honest it is</h2>
        <p className={styles.lead}>
          When it says that it is so sure, how often is it right? Bars that reach the dashed line keep their word.
        </p>
        <Chart svg={reliabilityDiagram({ title: 'Reliability on the test digits', bins: reliability })} />
      </section>
      <section className={styles.part} aria-labelledby="classes-title">
        <h2 id="classes-title">Digit by digit</h2>
        <p className={styles.lead}>
          F1 of each digit: the harmonic mean of how many of them it finds and how many of its answers are right. The
          bars begin at {Math.round(100 * barsBegin)}%.
        </p>
        <Chart
          svg={barChart({
            title: 'F1 of each digit on the test digits',
            bars: evaluation.perClass.map(({ name, f1 }) => ({ name, value: f1 })),
            format: 'percent',
            min: barsBegin,
            max: 1,
          })}
        />
      </section>
    </div>
  );
}
