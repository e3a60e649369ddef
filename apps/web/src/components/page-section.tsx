import type { ReactNode } from 'react';
import styles from './page-section.module.css';

interface PageSectionProps {
  readonly title: string;
  /** One or two sentences under the title. */
  readonly lead?: ReactNode;
  readonly children?: ReactNode;
}

/** A part of a page under a heading of the second level. */
export function PageSection({ title, lead, children }: PageSectionProps) {
  return (
    <section className={styles.section}>
      <h2>{title}</h2>
      {lead !== undefined && <p className={styles.lead}>{lead}</p>}
      {children}
    </section>
  );
}
