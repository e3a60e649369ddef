import { setTimeout as sleep } from 'node:timers/promises';
import type { Attack } from './attack.ts';
import { ask, closed, openSocket, repeat, requestBytes } from './sockets.ts';

/** Request that classifies random images, sent as bytes. */
function inferRequest(numImages: number, headers: Readonly<Record<string, string>> = {}): Buffer {
  const pixels = Buffer.alloc(784 * numImages, 0x5a);
  const input = {
    name: 'images',
    shape: [numImages, 28, 28, 1],
    datatype: 'UINT8',
    parameters: { binary_data_size: pixels.length },
  };
  const json = Buffer.from(JSON.stringify({ inputs: [input] }));
  return requestBytes('POST', '/v2/models/digits/infer', Buffer.concat([json, pixels]), {
    'inference-header-content-length': String(json.length),
    connection: 'close',
    ...headers,
  });
}

const largeBatches: Attack = {
  name: '4 connections that send batches of 2048 images',
  run: (service, signal) => {
    const request = inferRequest(2048);
    return repeat(4, signal, () => ask(service, request, signal));
  },
};

const manySingles: Attack = {
  name: '64 connections that send single images',
  run: (service, signal) => {
    const request = inferRequest(1, { connection: 'keep-alive' });
    return repeat(64, signal, async () => {
      const socket = openSocket(service);
      socket.on('data', () => socket.write(request));
      socket.write(request);
      await closed(socket, signal);
    });
  },
};

const droppedBatches: Attack = {
  name: '8 connections that send batches of 2048 images and drop them',
  run: (service, signal) => {
    const request = inferRequest(2048);
    return repeat(8, signal, async () => {
      const socket = openSocket(service);
      socket.resume();
      socket.write(request);
      await sleep(50);
      socket.destroy();
    });
  },
};

/** Attacks on the network. */
export const TENSOR_ATTACKS: readonly Attack[] = [largeBatches, manySingles, droppedBatches];
