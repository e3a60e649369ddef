import type { Explanation } from '@digits/model';
import { PixelImage } from '../components/pixel-image.tsx';
import { paintEvidence } from './colour-maps.ts';
import styles from './insight.module.css';

interface EvidenceProps {
  readonly image: Uint8Array;
  readonly explanation: Explanation;
  readonly rejected: boolean;
}

/** Which pixels spoke for the answer, and which against the runner-up. */
export function Evidence({ image, explanation, rejected }: EvidenceProps) {
  const { digit, runnerUp, evidenceFor, evidenceAgainst, width, height } = explanation;
  const scale = Math.max(largest(evidenceFor), largest(evidenceAgainst));
  const maps = [
    { title: rejected ? `Why ${digit} most of all` : `Why a ${digit}`, name: 'for', evidence: evidenceFor },
    { title: `Why no ${runnerUp}`, name: 'against', evidence: evidenceAgainst },
  ] as const;
  return (
    <section className={styles.part} aria-labelledby="evidence-title">
      <h3 id="evidence-title">What spoke for it</h3>
      <p className={styles.lead}>
        A small square is hidden at one place after the other. Where the answer suffers, the ink there{' '}
        <span className={styles.for}>spoke for it</span>; where it gains, the ink{' '}
        <span className={styles.against}>spoke against it</span>.
      </p>
      <div className={styles.maps} data-testid="evidence" data-for={digit} data-against={runnerUp}>
        {maps.map(({ title, name, evidence }) => (
          <figure key={name}>
            <PixelImage
              pixels={paintEvidence(image, evidence, scale)}
              width={width}
              height={height}
              label={`${title}: ${describe(evidence, width, height)}`}
            />
            <figcaption>{title}</figcaption>
          </figure>
        ))}
      </div>
    </section>
  );
}

function largest(values: Float32Array): number {
  return values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
}

const ROWS = ['top', 'middle', 'bottom'] as const;
const COLUMNS = ['left', 'centre', 'right'] as const;

/** Says where the strongest evidence lies, for those who do not see it. */
function describe(evidence: Float32Array, width: number, height: number): string {
  const at = evidence.reduce((best, value, i) => (value > evidence[best] ? i : best), 0);
  if (!(evidence[at] > 0)) return 'no place stands out';
  const row = ROWS[Math.min(2, Math.floor((3 * Math.floor(at / width)) / height))];
  const column = COLUMNS[Math.min(2, Math.floor((3 * (at % width)) / width))];
  return `the strongest evidence lies at the ${row}, ${column}`;
}
