import { setMaxListeners } from 'node:events';
import type { Attack, Target } from './attack.ts';
import { largeWebp, pngWithTextBombs, sheetOfSevens, whitePng } from './picture-files.ts';
import { ask, repeat, requestBytes } from './sockets.ts';

/** Time after which an upload is dropped, in milliseconds: the service is then decoding it. */
const DROP_AFTER_MS = 150;

const MANY_SEVENS = 280;

/** Attacks with image files and drawings. */
export const PICTURE_ATTACKS: readonly Attack[] = [
  {
    name: '4 connections that drop an image of 24 million pixels while it is decoded',
    run: async (service, signal) => {
      const bytes = upload('image/webp', await largeWebp());
      await repeat(4, signal, () => ask(service, bytes, AbortSignal.timeout(DROP_AFTER_MS)));
    },
  },
  {
    name: '12 connections that send an image of 24 million pixels in 1 kB',
    run: async (service, signal) => sendAgain(service, signal, 12, upload('image/webp', await largeWebp())),
  },
  {
    name: '2 connections that send images of 24,000,000x1 pixels',
    run: (service, signal) => sendAgain(service, signal, 2, upload('image/png', whitePng(24_000_000, 1))),
  },
  {
    name: '12 connections that send images of 1x24,000,000 pixels',
    run: (service, signal) => sendAgain(service, signal, 12, upload('image/png', whitePng(1, 24_000_000))),
  },
  {
    name: '4 connections that send images with 20 compressed texts of 16 MB',
    run: (service, signal) => sendAgain(service, signal, 4, upload('image/png', pngWithTextBombs(20, 16e6))),
  },
  {
    name: `4 connections that ask for explanations of ${MANY_SEVENS} digits`,
    run: (service, signal) => {
      const bytes = upload('application/json', sheetOfSevens(MANY_SEVENS), '?mode=multiple&explain=true');
      return sendAgain(service, signal, 4, bytes);
    },
  },
];

function upload(type: string, body: Buffer, query = ''): Buffer {
  return requestBytes('POST', `/v1/digits${query}`, body, { 'content-type': type });
}

function sendAgain(service: Target, signal: AbortSignal, numConnections: number, bytes: Buffer): Promise<void> {
  setMaxListeners(numConnections + 1, signal);
  return repeat(numConnections, signal, () => ask(service, bytes, signal));
}
