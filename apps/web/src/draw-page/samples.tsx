import styles from './samples.module.css';

const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);

/** Writes a digit for whoever has no pointer, or wants to see first. */
export function Samples({ onSample }: { readonly onSample: (digit: number) => void }) {
  return (
    <div className={styles.samples} role="group" aria-labelledby="samples-title">
      <p id="samples-title">Or let it write one</p>
      <div className={styles.digits}>
        {DIGITS.map((digit) => (
          <button
            key={digit}
            type="button"
            aria-label={`Write a sample ${digit}`}
            onClick={() => {
              onSample(digit);
            }}
          >
            {digit}
          </button>
        ))}
      </div>
    </div>
  );
}
