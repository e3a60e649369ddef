import type { Activation } from '@digits/model';
import { useMemo, useState } from 'react';
import { PixelImage } from '../components/pixel-image.tsx';
import { paintActivation } from './colour-maps.ts';
import styles from './insight.module.css';

/** What every layer gave, one layer at a time. */
export function Activations({ activations }: { readonly activations: readonly Activation[] }) {
  const [chosen, setChosen] = useState(0);
  const index = Math.min(chosen, activations.length - 1);
  const { layer, shape, values } = activations[index];
  const mosaic = useMemo(() => paintActivation(shape, values), [shape, values]);
  return (
    <section className={`${styles.part} ${styles.wide}`} aria-labelledby="layers-title">
      <h3 id="layers-title">Layer by layer</h3>
      <p className={styles.lead}>
        Each layer looks for patterns in what the one before it gave. Every square is one pattern: bright where it was
        found, <span className={styles.against}>blue</span> where its opposite was.
      </p>
      <div className={styles.browser}>
        <ol className={styles.layers} aria-label="Layers">
          {activations.map((activation, i) => (
            <li key={activation.layer}>
              <button
                type="button"
                aria-pressed={i === index}
                onClick={() => {
                  setChosen(i);
                }}
              >
                <span>{activation.layer}</span> <span>{activation.shape.join(' × ')}</span>
              </button>
            </li>
          ))}
        </ol>
        <figure className={styles.mosaic} data-testid="activation" data-layer={layer}>
          <PixelImage {...mosaic} label={`What layer ${layer} gave: ${describeShape(shape)}`} />
          <figcaption>
            <strong>{layer}</strong>: {describeShape(shape)}
          </figcaption>
        </figure>
      </div>
    </section>
  );
}

function describeShape(shape: readonly number[]): string {
  if (shape.length === 3) return `${shape[2]} patterns at ${shape[0]} × ${shape[1]} places`;
  return `${shape[0]} values`;
}
