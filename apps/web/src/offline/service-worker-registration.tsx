'use client';

import { useEffect } from 'react';
import { siteUrl } from '../site-files.ts';

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
