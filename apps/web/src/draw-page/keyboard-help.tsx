import styles from './keyboard-help.module.css';

/** How to draw without a pointer. */
export function KeyboardHelp() {
  return (
    <details className={styles.help}>
      <summary>Drawing with the keyboard</summary>
      <p id="drawing-keys">
        Move to the paper with <kbd>Tab</kbd>. The arrow keys move the pen (further with <kbd>Shift</kbd>),{' '}
        <kbd>Space</kbd> puts it down and lifts it, a digit&apos;s key writes a sample, <kbd>Backspace</kbd> undoes and{' '}
        <kbd>Delete</kbd> clears.
      </p>
    </details>
  );
}
