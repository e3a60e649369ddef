import styles from './chart.module.css';

/** A chart of `@digits/charts` in the page's colours. */
export function Chart({ svg }: { readonly svg: string }) {
  return <div className={styles.chart} dangerouslySetInnerHTML={{ __html: svg }} />;
}
