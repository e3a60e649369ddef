export { chromiumForTests, findChromium, launchChromium } from './harness/chromium.ts';
export { centred, drawWithQuickMouse, type LabelledDrawing, readDrawings } from './harness/drawing.ts';
export { runInPage } from './harness/page-run.ts';
export { type EngineAnswer, openTfjsPage, type PageBackend, remoteEngine } from './libs/remote-engine.ts';
