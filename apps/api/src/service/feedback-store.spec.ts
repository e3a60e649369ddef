import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFeedbackStore } from './feedback-store.ts';

const LIMITS = { maxImages: 2, maxBytes: 10 };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('openFeedbackStore with a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'digits-store-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('stores images up to the maximum, also those of requests at the same time and of an earlier process', async () => {
    const store = await openFeedbackStore(folder, LIMITS);
    const outcomes = await Promise.all(
      ['a/1.png', 'a/2.png', 'b/3.png'].map((path) => store.save(path, bytesOf(path))),
    );
    // The second one would make 14 bytes.
    expect(outcomes).toEqual(['stored', 'full', 'full']);
    expect(readFileSync(join(folder, 'a', '1.png'), 'utf8')).toBe('a/1.png');
    const later = await openFeedbackStore(folder, LIMITS);
    expect(await later.save('b/4.png', bytesOf('abc'))).toBe('stored');
    expect(await later.save('b/5.png', bytesOf(''))).toBe('full');
  });
});

/** Answers like S3 as far as the store needs it: puts an object, lists a page of objects. */
function startS3(objects: Map<string, number>): Promise<{ readonly server: Server; readonly paths: string[] }> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    paths.push(`${String(request.method)} ${pathname}`);
    let size = 0;
    request.on('data', (chunk: Buffer) => (size += chunk.length));
    request.on('end', () => {
      if (request.method === 'PUT') {
        objects.set(pathname, size);
        response.end();
        return;
      }
      const contents = [...objects].map(
        ([key, bytes]) => `<Contents><Key>${key}</Key><Size>${bytes}</Size></Contents>`,
      );
      response.setHeader('content-type', 'application/xml');
      response.end(
        `<?xml version="1.0"?><ListBucketResult><Prefix>${searchParams.get('prefix') ?? ''}</Prefix><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`,
      );
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({ server, paths });
    });
  });
}

describe('openFeedbackStore with an address of S3', () => {
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  it('stores objects below the prefix, and counts those that are there', async () => {
    const objects = new Map([['/bucket/prefix/labelled/7/old.png', 4]]);
    const { server, paths } = await startS3(objects);
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
    });
    try {
      const store = await openFeedbackStore('s3://bucket/prefix', { maxImages: 2, maxBytes: 100 });
      expect(await store.save('labelled/7/new.png', bytesOf('abc'))).toBe('stored');
      expect(await store.save('labelled/7/third.png', bytesOf('abc'))).toBe('full');
      expect(paths).toEqual(['GET /bucket/', 'PUT /bucket/prefix/labelled/7/new.png']);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
