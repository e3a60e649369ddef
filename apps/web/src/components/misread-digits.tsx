import styles from './misread-digits.module.css';
import { percent } from './percent.ts';
import { PixelImage } from './pixel-image.tsx';

interface MisreadDigit {
  /** `[28, 28]` uint8. */
  readonly image: Uint8Array;
  readonly label: string;
  readonly answer: string;
  readonly confidence: number;
}

/** Digits that were read wrongly, and as what. */
export function MisreadDigits({ digits }: { readonly digits: readonly MisreadDigit[] }) {
  return (
    <ul className={styles.digits}>
      {digits.map(({ image, label, answer, confidence }, i) => (
        <li key={i}>
          <PixelImage pixels={image} width={28} height={28} label={`A ${label}, read as ${answer}`} />
          <span aria-hidden="true">
            {label} <span className={styles.as}>read as</span> {answer}
          </span>
          <span className={styles.as}>{percent(confidence)} sure</span>
        </li>
      ))}
    </ul>
  );
}
