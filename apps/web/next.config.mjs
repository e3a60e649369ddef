import { fileURLToPath } from 'node:url';

/** The path that the site will lie at on its host, e.g. `/digits`; empty for the root. */
const basePath = process.env.DIGITS_BASE_PATH ?? '';

/** @type {import('next').NextConfig} */
export default {
  // Plain files for any static host: `train/index.html`, no server of Next's.
  output: 'export',
  trailingSlash: true,
  basePath,
  env: { NEXT_PUBLIC_BASE_PATH: basePath },
  reactStrictMode: true,
  turbopack: { root: fileURLToPath(new URL('../..', import.meta.url)) },
  // The targets `typecheck` and `lint` do that.
  typescript: { ignoreBuildErrors: true },
};
