import { fileURLToPath } from 'node:url';

/** @type {import('next').NextConfig} */
export default {
  // Plain files for any static host: `train/index.html`, no server of Next's.
  output: 'export',
  trailingSlash: true,
  reactStrictMode: true,
  poweredByHeader: false,
  turbopack: { root: fileURLToPath(new URL('../..', import.meta.url)) },
  // The targets `typecheck` and `lint` do that.
  typescript: { ignoreBuildErrors: true },
};
