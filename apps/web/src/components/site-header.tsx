'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import styles from './site-header.module.css';

const PAGES = [
  { path: '/', name: 'Draw' },
  { path: '/train/', name: 'Train' },
  { path: '/model/', name: 'Model' },
] as const;

/** Name and pages of the site. */
export function SiteHeader() {
  const here = usePathname();
  return (
    <header className={styles.header}>
      <a className={styles.skip} href="#main">
        Skip to content
      </a>
      <Link className={styles.name} href="/" prefetch={false}>
        digits
      </Link>
      <nav className={styles.pages} aria-label="Pages">
        {PAGES.map(({ path, name }) => (
          <Link key={path} href={path} prefetch={false} aria-current={isSame(here, path) ? 'page' : undefined}>
            {name}
          </Link>
        ))}
      </nav>
    </header>
  );
}

function isSame(a: string, b: string): boolean {
  return a.replace(/\/$/, '') === b.replace(/\/$/, '');
}
