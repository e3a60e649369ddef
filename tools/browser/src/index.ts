export { type Chromium, chromiumForTests, findChromium, type Graphics, launchChromium } from './chromium.ts';
export { bundleForPage } from './page-bundle.ts';
export { type OpenPage, openPage, type PageModule, runInPage } from './page-run.ts';
export { type Served, type ServeOptions, serve } from './server.ts';
