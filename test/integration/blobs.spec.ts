import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import S3rver from 's3rver';
import { BlobMissing, type BlobInfo, type BlobStore } from '../../src/core/storage/blob-store.js';
import { LocalBlobs } from '../../src/core/storage/local-blobs.js';
import { S3Blobs } from '../../src/core/storage/s3-blobs.js';
import { eventually } from '../support/eventually.js';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

async function all(blobs: BlobStore, prefix: string): Promise<BlobInfo[]> {
  const found: BlobInfo[] = [];
  for await (const blob of blobs.list(prefix)) found.push(blob);
  return found;
}

async function* failing(bytes: number): AsyncGenerator<Buffer> {
  for (let sent = 0; sent < bytes; sent += 100_000) yield Buffer.alloc(100_000);
  throw new Error('the source broke');
}

let folder: string;
let s3: { close(): Promise<void>; endpoint: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-blobs-'));
  const server = new S3rver({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory: join(folder, 's3'),
    configureBuckets: [{ name: 'scans', configs: [] }],
  });
  const { port } = await server.run();
  s3 = { endpoint: `http://127.0.0.1:${port}`, close: () => server.close() };
});

afterAll(async () => {
  await s3.close();
  await rm(folder, { recursive: true, force: true });
});

const stores: [string, () => BlobStore][] = [
  ['the local disk', () => new LocalBlobs(join(folder, 'local'))],
  [
    'a bucket of S3',
    () =>
      new S3Blobs({
        bucket: 'scans',
        region: 'us-east-1',
        endpoint: s3.endpoint,
        credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
      }),
  ],
];

describe.each(stores)('blobs on %s', (_, open) => {
  let blobs: BlobStore;
  beforeAll(() => {
    blobs = open();
  });

  // Twelve megabytes are three parts of a multipart upload.
  it.each([0, 10, 12_000_000])('of %s bytes are returned unchanged', async (size) => {
    const bytes = randomBytes(size);
    const stored = await blobs.put(
      'things/one/file',
      Readable.from([bytes.subarray(0, 5), bytes.subarray(5)].filter(({ length }) => length > 0)),
    );
    expect(stored).toEqual({ bytes: size, sha256: sha256(bytes) });
    expect((await buffer(await blobs.get('things/one/file'))).equals(bytes)).toBe(true);
    expect(await blobs.head('things/one/file')).toMatchObject({ key: 'things/one/file', bytes: size });
  });

  it('are read in part', async () => {
    await blobs.put('things/two/file', Readable.from([Buffer.from('0123456789')]));
    expect((await buffer(await blobs.get('things/two/file', { first: 2, last: 4 }))).toString()).toBe('234');
  });

  it('can be moved from a file', async () => {
    const path = join(folder, 'handed-in');
    await writeFile(path, 'content');
    expect(await blobs.putFile('things/three/file', path)).toEqual({
      bytes: 7,
      sha256: sha256(Buffer.from('content')),
    });
    await expect(access(path)).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await buffer(await blobs.get('things/three/file'))).toString()).toBe('content');
  });

  it('are not stored if their source fails', async () => {
    for (const size of [200_000, 12_000_000]) {
      await expect(blobs.put('broken/one/file', Readable.from(failing(size)))).rejects.toThrow('the source broke');
    }
    expect(await blobs.head('broken/one/file')).toBeNull();
    expect(await all(blobs, 'broken')).toEqual([]);
  });

  it('are listed in order, and missing after deletion', async () => {
    for (const key of ['list/b/x', 'list/a/y', 'list/a/x']) await blobs.put(key, Readable.from([Buffer.from(key)]));
    await blobs.put('lister/a', Readable.from([Buffer.from('other')]));
    expect((await all(blobs, 'list')).map(({ key }) => key)).toEqual(['list/a/x', 'list/a/y', 'list/b/x']);
    for (const key of ['list/a/x', 'list/a/x', 'list/never']) await blobs.delete(key);
    expect((await all(blobs, 'list')).map(({ key }) => key)).toEqual(['list/a/y', 'list/b/x']);
    await expect(blobs.get('list/a/x')).rejects.toThrow(BlobMissing);
    expect(await blobs.head('list/a/x')).toBeNull();
    expect(await all(blobs, 'nothing')).toEqual([]);
  });

  it.each(['../x', '/x', 'a/../../x', 'a//b', 'a/', '', 'A', 'a\0'])('reject a key such as %j', async (key) => {
    await expect(blobs.put(key, Readable.from(['x']))).rejects.toThrow('not a valid blob key');
    await expect(blobs.get(key)).rejects.toThrow('not a valid blob key');
  });
});

it('unfinished files are not listed', async () => {
  const blobs = new LocalBlobs(join(folder, 'partial'));
  await blobs.put('a/b/whole', Readable.from(['x']));
  await writeFile(join(folder, 'partial/a/b/.part-1'), 'half');
  expect((await all(blobs, 'a')).map(({ key }) => key)).toEqual(['a/b/whole']);
  expect((await readdir(join(folder, 'partial/a/b'))).sort()).toEqual(['.part-1', 'whole']);
});

it('only old unfinished files of killed writers are swept', async () => {
  const root = join(folder, 'killed');
  const blobs = new LocalBlobs(root);
  await blobs.put('a/b/whole', Readable.from(['x']));
  for (const name of ['c', 'd']) await mkdir(join(root, 'a', name));
  for (const name of ['.part-old', '.part-young']) await writeFile(join(root, 'a/b', name), 'half');
  for (const path of ['a/b/.part-old', 'a/b/whole', 'a/c']) await utimes(join(root, path), 1_000, 1_000);
  expect(await blobs.sweepUnfinished('a', Date.now() - 3_600_000)).toBe(1);
  expect((await readdir(root, { recursive: true })).sort()).toEqual([
    'a',
    'a/b',
    'a/b/.part-young',
    'a/b/whole',
    'a/d',
  ]);
});

describe('a bucket that', () => {
  const bucketAt = (endpoint: string): BlobStore =>
    new S3Blobs({
      bucket: 'scans',
      region: 'us-east-1',
      endpoint,
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    });

  it('cannot be reached makes every operation fail with SERVICE_UNAVAILABLE', async () => {
    const blobs = bucketAt('http://127.0.0.1:1');
    const operations = [
      blobs.put('a/b', Readable.from([Buffer.alloc(100)])),
      blobs.put('a/b', Readable.from([Buffer.alloc(12_000_000)])),
      blobs.get('a/b'),
      blobs.head('a/b'),
      blobs.delete('a/b'),
      all(blobs, 'a'),
    ];
    for (const outcome of await Promise.allSettled(operations)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'SERVICE_UNAVAILABLE' } });
    }
  });

  it('fails repeatedly is not called for a while, and used again when it recovers', async () => {
    let connections = 0;
    const broken = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(broken, 'listening');
    const { port } = broken.address() as AddressInfo;
    const blobs = bucketAt(`http://127.0.0.1:${port}`);
    const refused = { status: 'rejected', reason: { code: 'SERVICE_UNAVAILABLE' } };
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => blobs.head('a/b')));
    expect(outcomes).toMatchObject(outcomes.map(() => refused));
    const before = connections;
    await expect(blobs.head('a/b')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(connections).toBe(before);
    broken.close();
    await once(broken, 'close');
    const healthy = createHttpServer((_request, response) => response.writeHead(404).end()).listen(port, '127.0.0.1');
    await once(healthy, 'listening');
    await eventually(async () => expect(await blobs.head('a/b')).toBeNull());
    healthy.closeAllConnections();
    healthy.close();
  });

  it('accepts connections but never answers makes an operation fail with SERVICE_UNAVAILABLE', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const blobs = bucketAt(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    await expect(blobs.head('a/b')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});
