import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { JsonParser } from './json-parser.ts';

const WORKER = join(__dirname, '..', '..', 'dist', 'json-worker.js');
const RULES = { name: 'images', imageShape: [28, 28, 1], maxImages: 2048 };

/** Connection that can be closed. */
function connection() {
  return Object.assign(new EventEmitter(), { destroyed: false });
}

/** Body with images whose first pixel is given. */
function bodyOf(pixel: number, numImages = 1): Buffer {
  const data = new Array<number>(784 * numImages).fill(0);
  data[0] = pixel;
  const input = { name: 'images', shape: [numImages, 28, 28, 1], datatype: 'FP32', data };
  return Buffer.from(JSON.stringify({ inputs: [input] }));
}

describe('JsonParser', () => {
  let parser: JsonParser;
  beforeEach(() => {
    parser = new JsonParser(WORKER, RULES);
  });
  afterEach(() => parser.dispose());

  it('reads the tensor of a body', async () => {
    const { images } = await parser.parse('infer', 'client', bodyOf(0.25), connection());
    expect([images?.length, images?.[0], images?.[1]]).toEqual([784, 0.25, 0]);
  });

  it('forgets bodies whose clients leave while they wait', async () => {
    const first = parser.parse('infer', 'client', bodyOf(0.25, 100), connection());
    const left = connection();
    const waiting = parser.parse('infer', 'client', bodyOf(0.5), left);
    let isFirstDone = false;
    void first.then(() => (isFirstDone = true));
    left.emit('close');
    await expect(waiting).rejects.toThrow('the client must wait for the answer, but it has disconnected');
    expect(isFirstDone).toBe(false);
    expect((await first).images?.[0]).toBe(0.25);
    const last = connection();
    expect((await parser.parse('infer', 'client', bodyOf(0.75), last)).images?.[0]).toBe(0.75);
    expect(last.listenerCount('close')).toBe(0);
  });

  it('parses the largest JSON that can be sent, nested as deep as tensors are', async () => {
    // 4 MiB of pixels, each in a separate array.
    const numImages = Math.floor((4 * 1024 * 1024) / (784 * 4));
    const row = `[${new Array(28).fill('[0]').join(',')}]`;
    const image = `[${new Array(28).fill(row).join(',')}]`;
    const data = `[${new Array(numImages).fill(image).join(',')}]`;
    const body = `{"inputs":[{"name":"images","shape":[${numImages},28,28,1],"datatype":"UINT8","data":${data}}]}`;
    const { images } = await parser.parse('infer', 'client', Buffer.from(body), connection());
    expect(images?.length).toBe(784 * numImages);
  });
});
