import type { MetadataRoute } from 'next';
import { siteUrl } from '../site-files.ts';

export const dynamic = 'force-static';

/** What the site is called and looks like once it is installed. */
export default function manifest(): MetadataRoute.Manifest {
  return {
    name: 'digits: draw a digit, see it think',
    short_name: 'digits',
    description: 'Reads handwritten digits on your own device, and shows how.',
    id: siteUrl('/'),
    start_url: siteUrl('/'),
    scope: siteUrl('/'),
    display: 'standalone',
    background_color: '#faf8f4',
    theme_color: '#faf8f4',
    icons: [
      { src: siteUrl('/icons/icon-192.png'), sizes: '192x192', type: 'image/png' },
      { src: siteUrl('/icons/icon-512.png'), sizes: '512x512', type: 'image/png' },
      { src: siteUrl('/icons/icon-maskable-512.png'), sizes: '512x512', type: 'image/png', purpose: 'maskable' },
    ],
  };
}
