import styles from './site-footer.module.css';

/** What holds for every page. */
export function SiteFooter() {
  return (
    <footer className={styles.footer}>
      <p>
        Everything runs on this device: what you draw, open or train never leaves it, and after the first visit it works
        offline.
      </p>
    </footer>
  );
}
