import type { ReactNode } from 'react';
import styles from './page.module.css';

/** What a page is made of. */
export interface PageProps {
  readonly title: string;
  /** A sentence or two under the title. */
  readonly intro: ReactNode;
  /** Whether title and intro shrink on small screens to make room for the parts. */
  readonly isStage?: boolean;
  /** A class that sets `--page-gap`, `--page-top` or `--intro-width` where they are not the usual ones. */
  readonly className?: string;
  /** The parts of the page, one below the other. */
  readonly children?: ReactNode;
}

/** A page of the site: its title and its parts, between the margins that header and footer have too. */
export function Page({ title, intro, isStage = false, className = '', children }: PageProps) {
  return (
    <div className={`${styles.page} ${className}`}>
      <header className={isStage ? `${styles.intro} ${styles.stage}` : styles.intro}>
        <h1>{title}</h1>
        <p>{intro}</p>
      </header>
      {children}
    </div>
  );
}
