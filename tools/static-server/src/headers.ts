import { contentPolicy } from './policy.ts';

/** Headers by their names in lower case. */
export type Headers = Readonly<Record<string, string>>;

/** Without these a page cannot share memory with its workers, so that training has one thread only. */
const ISOLATION: Headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

const SAFETY: Headers = {
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(self), geolocation=(), microphone=()',
};

/** Files below this folder carry a hash of their contents in their names. */
const HASHED_FOLDER = '/_next/static/';

/** Hashed files never change; of all others a browser asks each time whether its copy is still good. */
const CACHE_HASHED = 'public, max-age=31536000, immutable';
const CACHE_OTHERS = 'no-cache';

/**
 * Gives the headers of one file.
 *
 * @param path from the site's root, beginning with `/`
 * @param html the page, '' for a file that is none
 * @param isolated whether the page may share memory with its workers
 */
export function headersOf(path: string, html: string, isolated: boolean): Headers {
  return {
    ...SAFETY,
    ...(isolated ? ISOLATION : {}),
    'content-security-policy': `${contentPolicy(html)}; frame-ancestors 'none'`,
    'cache-control': path.startsWith(HASHED_FOLDER) ? CACHE_HASHED : CACHE_OTHERS,
  };
}

/**
 * Gives the file `_headers` that Netlify and Cloudflare Pages read; the policies stand in the pages.
 *
 * @param basePath the folder of the host that the site lies in, e.g. `/digits`; '' for the root
 * @see https://developers.cloudflare.com/pages/configuration/headers/
 */
export function headersFile(basePath: string): string {
  const block = (pattern: string, headers: Headers) =>
    [`${basePath}${pattern}`, ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`)].join('\n');
  return `${block('/*', { ...SAFETY, ...ISOLATION })}\n${block(`${HASHED_FOLDER}*`, { 'cache-control': CACHE_HASHED })}\n`;
}
