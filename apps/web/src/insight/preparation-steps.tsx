import type { PreparationStep } from '@digits/data';
import { PixelImage } from '../components/pixel-image.tsx';
import styles from './insight.module.css';

/** What each step of the preparation is called, and what it does. */
const STEPS: Readonly<Record<string, readonly [title: string, text: string]>> = {
  drawing: ['Strokes', 'smoothed, and scaled to fit'],
  grey: ['Grey', 'colours left out'],
  contrast: ['Contrast', 'against the paper around it, so that shadows vanish'],
  ink: ['Ink', 'what stands out enough'],
  kept: ['Digit', 'the ink that belongs to it'],
  digit: ['Stroke', "brought to the training digits' thickness"],
  image: ['28 × 28', 'centred by its weight: this is all the network gets'],
};

interface PreparationStepsProps {
  readonly steps: readonly PreparationStep[];
  readonly lead: string;
}

/** Each step on the way to the network's input as a small picture. */
export function PreparationSteps({ steps, lead }: PreparationStepsProps) {
  return (
    <section className={`${styles.part} ${steps.length > 3 ? styles.wide : ''}`} aria-labelledby="steps-title">
      <h3 id="steps-title">The way to 28 × 28</h3>
      <p className={styles.lead}>{lead}</p>
      <ol className={styles.steps} data-testid="steps">
        {steps.map(({ name, width, height, pixels }, i) => {
          const [title, text] = Object.hasOwn(STEPS, name) ? STEPS[name] : [name, ''];
          return (
            <li key={i} data-step={name}>
              <div className={styles.step}>
                <PixelImage pixels={pixels} width={width} height={height} label={`${title}: ${text}`} />
              </div>
              <p>
                <strong>{title}</strong> {text}
              </p>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
