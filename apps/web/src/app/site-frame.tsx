'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useEffect } from 'react';
import { siteUrl } from '../site-files.ts';
import styles from './site-frame.module.css';

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

/**
 * Has the browser keep the site for offline use once the page has everything that it needs itself. Without https there is no
 * service worker, and everything but that works.
 */
export function ServiceWorkerRegistration() {
  useEffect(() => {
    if (!('serviceWorker' in navigator)) return;
    const register = () => {
      navigator.serviceWorker.register(siteUrl('/sw.js')).catch((error: unknown) => {
        console.warn('The page will not work offline:', error);
      });
    };
    if (document.readyState === 'complete') {
      register();
      return;
    }
    window.addEventListener('load', register);
    return () => {
      window.removeEventListener('load', register);
    };
  }, []);
  return null;
}
