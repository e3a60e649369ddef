import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import './site.css';
import { ServiceWorkerRegistration, SiteHeader } from './site-frame.tsx';
import styles from './site-frame.module.css';

export const metadata: Metadata = {
  title: { default: 'digits: draw a digit, see it think', template: '%s · digits' },
  description:
    'Draw a digit and see at once what a neural network makes of it, how sure it is, and why. All on your own device.',
};

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#faf8f4' },
    { media: '(prefers-color-scheme: dark)', color: '#14130f' },
  ],
};

/** The frame of every page. */
export default function RootLayout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <SiteHeader />
        <main id="main">{children}</main>
        <SiteFooter />
        <ServiceWorkerRegistration />
      </body>
    </html>
  );
}

/** What holds for every page. */
function SiteFooter() {
  return (
    <footer className={styles.footer}>
      <p>
        Everything runs on this device: what you draw, open or train never leaves it, and after the first visit it works
        offline.
      </p>
    </footer>
  );
}
