import { pretrainedModelDirectory } from '@digits/model/node';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expectRefusal, openTestApp, type TestApp } from '../testing/test-app.ts';

const SEVEN = readFileSync(join(__dirname, '..', '..', '..', '..', 'docs', 'images', 'seven.jpg'));
const NUMBER = readFileSync(join(__dirname, '..', '..', '..', '..', 'docs', 'images', 'number.jpg'));
const ONE = {
  strokes: [
    [
      [50, 10],
      [50, 90],
    ],
  ],
};

/** Lists the files in a folder and its subfolders. */
function listFiles(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

describe('POST /v1/feedback', () => {
  const folder = mkdtempSync(join(tmpdir(), 'digits-feedback-'));
  let service: TestApp;
  beforeAll(async () => {
    const modelDir = pretrainedModelDirectory();
    service = await openTestApp({ modelDir, feedbackStore: folder, keepRejected: true, maxFeedback: 3 });
  });
  afterAll(async () => {
    await service.close();
    rmSync(folder, { recursive: true });
  });
  const post = (url: string, payload: Buffer | object, type = 'image/jpeg') =>
    service.app.inject({
      method: 'POST',
      url,
      payload,
      ...(Buffer.isBuffer(payload) && { headers: { 'content-type': type } }),
    });

  it('stores files as they are, in the folder of their label', async () => {
    const response = await post('/v1/feedback?label=7', SEVEN);
    expect([response.statusCode, response.json()]).toEqual([201, { label: '7', className: '7' }]);
    const [file, ...others] = listFiles(folder);
    expect(others).toEqual([]);
    expect(file).toMatch(/^labelled\/7\/[0-9a-f]{32}\.jpeg$/);
    expect(readFileSync(join(folder, file)).equals(SEVEN)).toBe(true);
  });

  it('stores drawings as images: black ink on white, a margin around it', async () => {
    expect((await post('/v1/feedback?label=1', ONE)).statusCode).toBe(201);
    const file = listFiles(folder).find((path) => path.startsWith('labelled/1/')) ?? '';
    const { data, info } = await sharp(join(folder, file)).greyscale().raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([280, 280]);
    const at = (x: number, y: number): number => data[y * info.width + x];
    // The stroke goes from 40 to 240 in the middle.
    expect([at(140, 140), at(140, 50), at(140, 230), at(140, 10), at(60, 140), at(0, 0)]).toEqual([
      0, 0, 0, 255, 255, 255,
    ]);
  });

  it('refuses what the trainer could not use, and stores nothing', async () => {
    const before = listFiles(folder);
    const blank = await sharp({ create: { width: 200, height: 200, channels: 3, background: 'white' } })
      .png()
      .toBuffer();
    const names = 'label must be one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, got';
    expectRefusal(await post('/v1/feedback?label=ten', SEVEN), 400, 'INVALID_REQUEST', `${names} "ten"`);
    expectRefusal(await post('/v1/feedback?label=../7', SEVEN), 400, 'INVALID_REQUEST', names);
    expectRefusal(await post('/v1/feedback', SEVEN), 400, 'INVALID_REQUEST', "required property 'label'");
    expectRefusal(
      await post('/v1/feedback?label=7', blank),
      400,
      'INVALID_REQUEST',
      'must show a digit, got one that is blank',
    );
    expectRefusal(
      await post('/v1/feedback?label=7', NUMBER),
      400,
      'INVALID_REQUEST',
      'must show one digit, got several',
    );
    expectRefusal(await post('/v1/feedback?label=7', SEVEN.subarray(0, 300)), 400, 'DAMAGED_PICTURE');
    expect(listFiles(folder)).toEqual(before);
  });

  it('stores rejected images without a label, and nothing beyond the maximum', async () => {
    const cross = {
      strokes: [
        [
          [0, 0],
          [100, 100],
          [0, 50],
          [100, 0],
          [50, 100],
          [50, 0],
          [0, 100],
          [100, 50],
          [20, 20],
        ],
      ],
    };
    const answer = (await post('/v1/digits?mode=single', cross)).json<{ reason: string }>();
    expect(answer.reason).toBe('notADigit');
    const listUnlabelled = (): string[] =>
      listFiles(folder).filter((path) => /^unlabelled\/[0-9a-f]{32}\.png$/.test(path));
    // The image is stored after the answer, under another name until it is whole.
    while (listUnlabelled().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(listUnlabelled()).toHaveLength(1);
    const [[x]] = ONE.strokes;
    const other = { strokes: [[x, [60, 80]]] };
    expectRefusal(await post('/v1/feedback?label=1', other), 507, 'STORE_FULL', 'the store of images has no room');
    expect(listFiles(folder)).toHaveLength(3);
    const metrics = (await service.app.inject('/metrics')).body;
    expect(metrics).toMatch(/^digits_feedback_total\{outcome="stored"\} 3$/m);
    expect(metrics).toMatch(/^digits_feedback_total\{outcome="full"\} 1$/m);
  });
});

it('is off by default', async () => {
  const plain = await openTestApp();
  try {
    const response = await plain.app.inject({ method: 'POST', url: '/v1/feedback?label=7', payload: ONE });
    expectRefusal(response, 404, 'NOT_FOUND');
    expect(plain.app.swagger()).not.toHaveProperty(['paths', '/v1/feedback']);
  } finally {
    await plain.close();
  }
});
