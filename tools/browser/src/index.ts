export { type Chromium, chromiumForTests, findChromium, type Graphics, launchChromium } from './chromium.ts';
export { bundleForPage } from './page-bundle.ts';
export { type OpenPage, openPage, type PageModule, runInPage } from './page-run.ts';
export { type Served, type ServeOptions, serve } from './server.ts';
export type { EngineAnswer, EngineRequest } from './engines/engine-host.ts';
export { openTfjsPage, PAGE_BACKENDS, type PageBackend } from './engines/engine-tfjs-pages.ts';
export { remoteEngine } from './engines/remote-engine.ts';
export { drawWithQuickMouse, placesOnSurface, type ScreenPlace } from './surface-drawing.ts';
export { centred, type LabelledDrawing, readDrawings, SAMPLES_FOLDER } from './sample-drawings.ts';
