import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { TestApp } from '../support/app.js';
import { dicom } from '../support/dicom-files.js';
import { eventually, within } from '../support/eventually.js';
import { apng, chunk, hugePng, jpeg, manyScanJpeg, png, webp, zip } from '../support/pictures.js';
import { download, upload, type Upload } from '../support/uploads.js';

const MAX_BYTES = 2_000_000;
/** Of one file, with the threads that decode it. */
const MAX_CPU_MICROSECONDS = 3_000_000;

let app: TestApp;
let folder: string;
let token: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-hostile-'));
  app = await TestApp.start({ STORAGE_DIR: folder, SCAN_MAX_BYTES: String(MAX_BYTES), SCAN_STALL_SECONDS: '1' });
  const [patient] = await app.patients(1);
  token = patient?.token as string;
});

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

/** A refused upload leaves no temporary and no stored files. */
afterEach(async () => {
  await eventually(async () => expect(await readdir(join(folder, 'incoming')).catch(() => [])).toEqual([]));
  const stored = await readdir(join(folder, 'scans')).catch(() => []);
  const { rows } = await app.db.query<{ id: string }>('SELECT id FROM scan WHERE deleted_at IS NULL ORDER BY id');
  expect(stored.sort()).toEqual(rows.map(({ id }) => id));
});

const send = (bytes: Uint8Array, as: Partial<Upload> = {}): ReturnType<typeof upload> =>
  upload(app, { token, bytes, ...as });

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
const HTML = '<!doctype html><script>alert(1)</script>';
const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', '-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

describe('a file of a format that is not accepted (U-01, U-08)', () => {
  const pictures = async (): Promise<Record<string, [Uint8Array, Partial<Upload>]>> => {
    const picture = await png();
    const gif = await sharp(picture).gif().toBuffer();
    const tiff = await sharp(picture).tiff().toBuffer();
    const text = (content: string): Uint8Array => Buffer.from(content);
    return {
      'an SVG with a script': [text(SVG), { name: 'x.svg', type: 'image/svg+xml' }],
      'an SVG called PNG': [text(SVG), { name: 'x.png', type: 'image/png' }],
      'HTML called PNG': [text(HTML), { name: 'x.png', type: 'image/png' }],
      'a GIF that is a script': [Buffer.concat([gif, text('/*=1;alert(1)//')]), { name: 'x.gif', type: 'image/gif' }],
      'a GIF called PNG': [gif, { name: 'x.png', type: 'image/png' }],
      'a TIFF': [tiff, { name: 'x.tiff', type: 'image/tiff' }],
      'a PDF with HTML in it': [text(`%PDF-1.7\n${HTML}`), { name: 'x.pdf', type: 'application/pdf' }],
      'a ZIP': [zip(), { name: 'x.zip', type: 'application/zip' }],
      'a ZIP called PNG': [zip(), { name: 'x.png', type: 'image/png' }],
      'a bomb of gzip': [gzipSync(Buffer.alloc(50_000_000)), { name: 'x.gz', type: 'application/gzip' }],
      EICAR: [text(EICAR), { name: 'x.png', type: 'image/png' }],
      'a PNG called x.png.html': [picture, { name: 'x.png.html', type: 'image/png' }],
      'a PNG that says text/html': [picture, { name: 'x.png', type: 'text/html' }],
    };
  };

  it('is refused with 415', async () => {
    for (const [what, [bytes, as]] of Object.entries(await pictures())) {
      const answer = await send(bytes, as);
      expect({ what, status: answer.status, code: answer.code }).toEqual({
        what,
        status: 415,
        code: 'UNSUPPORTED_MEDIA_TYPE',
      });
      expect(JSON.stringify(answer.body)).not.toMatch(/\/tmp|node_modules|vips|sharp/i);
    }
  });
});

describe('bytes after the image in a file', () => {
  /** Everything that is stored of a scan. */
  async function storedBytes(id: string): Promise<Buffer> {
    const below = join(folder, 'scans', id);
    const names = await readdir(below, { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name)));
    return Buffer.concat(await Promise.all(files));
  }

  const behind = (): Record<string, Buffer> => ({
    'a ZIP': zip(),
    HTML: Buffer.from(HTML),
    EICAR: Buffer.from(EICAR),
    'a line end': Buffer.from('\r\n'),
    'a second end of image': Buffer.from([0xff, 0xd9]),
    'fill bytes': Buffer.alloc(40, 0xff),
    'zeros and a ZIP': Buffer.concat([Buffer.alloc(500), zip()]),
    'more than is read at a time': Buffer.alloc(600_000, 0x41),
  });

  it.each([
    ['PNG', png],
    ['JPEG', jpeg],
    ['WebP', webp],
  ])('are removed from a %s, and not stored (U-01, U-08)', async (_format, make) => {
    const picture = await make(400, 300);
    for (const [what, tail] of Object.entries(behind())) {
      const marked = Buffer.concat([picture, tail, Buffer.from('planted-behind-the-picture')]);
      for (const bytes of [Buffer.concat([picture, tail]), marked]) {
        const { status, data } = await send(bytes);
        expect({ what, status }).toEqual({ what, status: 201 });
        expect(data).toMatchObject({ width: 400, height: 300, bytes: picture.length });
        const stored = await storedBytes(data.id);
        expect(stored.length).toBeGreaterThan(picture.length);
        for (const word of ['planted-behind', 'evil.txt', '<script>', 'EICAR'])
          expect(stored.includes(word)).toBe(false);
      }
    }
  });

  it('are removed from photos of phones and of file transfers', async () => {
    for (const name of ['samsung-trailer.jpg', 'trailing-crlf.jpg']) {
      const { status, data } = await send(await readFile(`test/fixtures/scans/${name}`), { name, type: 'image/jpeg' });
      expect({ name, status }).toEqual({ name, status: 201 });
      const { bytes } = await download(app.url + data.fileUrl);
      expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', width: data.width, height: data.height });
    }
  });
});

describe('the file name and the media type in a form', () => {
  it('are ignored if they are unknown or those of another image format (U-01)', async () => {
    const [aPng, aJpeg, aWebp] = [await png(), await jpeg(), await webp()];
    const named: [string, Buffer, string, string][] = [
      ['JPEG', aJpeg, 'Scan 12.05.2026', ''],
      ['JPEG', aJpeg, 'photo.tmp', 'image/*'],
      ['JPEG', aJpeg, 'IMG_0001.heic', 'image/heic'],
      ['JPEG', aJpeg, 'image', '*/*'],
      ['JPEG', aJpeg, 'IMG_0001.HEIC', 'application/octet-stream'],
      ['PNG', aPng, 'x.jpg', 'image/jpeg'],
      ['PNG', aPng, 'picture', 'application/octet-stream'],
      ['PNG', aPng, 'x.png', 'image/jpeg'],
      ['PNG', aPng, 'صورة.png_1', 'application/x-download'],
      ['WEBP', aWebp, 'WhatsApp.jpg', 'image/jpeg'],
      ['WEBP', aWebp, '.webp', 'image/webp; charset=binary'],
      ['DICOM', dicom(), 'x.png', 'image/png'],
      ['DICOM', dicom(), '1.2.840.1', ''],
    ];
    for (const [format, bytes, name, type] of named) {
      const { status, data } = await send(bytes, { name, type });
      expect({ name, type, status, format: data?.format }).toEqual({ name, type, status: 201, format });
    }
  });
});

describe('an image that is broken or too large to be decoded', () => {
  it('is refused with 422 before it is decoded, with little memory and CPU time (U-03, U-04)', async () => {
    const picture = await png(200, 200);
    const photo = await jpeg(200, 200);
    const jpg = { name: 'x.jpg', type: 'image/jpeg' };
    const animated = await sharp([await png(), await png(65, 48)], { join: { animated: true } })
      .webp({ loop: 0 })
      .toBuffer();
    const cases: [string, Uint8Array, string, Partial<Upload>?][] = [
      ['30000 squared', hugePng(30_000, 30_000), 'TOO_MANY_PIXELS'],
      ['16000 squared', hugePng(16_000, 16_000), 'TOO_MANY_PIXELS'],
      ['one row of forty million', hugePng(40_000_000, 1), 'TOO_MANY_PIXELS'],
      ['texts that unpack to gigabytes', withTexts(picture, 12), 'DECOMPRESSION'],
      ['no pixels', hugePng(0, 10), 'BROKEN'],
      ['interlaced, too large to hold', hugePng(7_000, 7_000, { interlaced: true }), 'TOO_MANY_PIXELS'],
      ['many scans', await manyScanJpeg(1_000), 'TOO_MANY_SCANS', jpg],
      ['10,000 frames of APNG', apng(picture, 10_000), 'ANIMATED'],
      ['frames of WebP', animated, 'ANIMATED', { name: 'x.webp', type: 'image/webp' }],
      ['half a PNG', picture.subarray(0, picture.length / 2), 'BROKEN'],
      ['half a JPEG', photo.subarray(0, photo.length / 2), 'BROKEN', jpg],
      ['a PNG of which pixels are missing', hugePng(100, 100), 'BROKEN'],
      ['a PNG with rubbish for pixels', garbled(picture), 'BROKEN'],
    ];
    const before = process.memoryUsage().rss;
    for (const [what, bytes, reason, as] of cases) {
      // Time of this process, not of the clock.
      const start = process.cpuUsage();
      const answer = await send(bytes, as);
      expect({ what, code: answer.code, reason: answer.body.error?.details?.reason }).toEqual({
        what,
        code: 'UNPROCESSABLE_FILE',
        reason,
      });
      expect({ what, slow: process.cpuUsage(start).user > MAX_CPU_MICROSECONDS }).toEqual({ what, slow: false });
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });
});

describe('an image with a text in its metadata', () => {
  it('is served without the data hidden in it (U-01)', async () => {
    const picture = await png();
    const text = chunk('tEXt', Buffer.from(`Comment\0${HTML}`));
    const made = await send(Buffer.concat([picture.subarray(0, 33), text, picture.subarray(33)]));
    expect(made.status).toBe(201);
    expect((await download(app.url + made.data.fileUrl)).bytes.includes('script')).toBe(false);
  });
});

/** Adds texts of some 100 kB, each of which unpacks to 100 MB. */
function withTexts(picture: Buffer, count: number): Buffer {
  const text = chunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0'), deflateSync(Buffer.alloc(100_000_000))]));
  return Buffer.concat([picture.subarray(0, 33), ...Array.from({ length: count }, () => text), picture.subarray(33)]);
}

const garbled = (picture: Buffer): Buffer => {
  const copy = Buffer.from(picture);
  copy.fill(0x5a, copy.indexOf('IDAT') + 20, copy.length - 40);
  return copy;
};

describe('a file name', () => {
  it.each([
    '../../etc/passwd.png',
    '..\\..\\x.png',
    '/etc/x.png',
    `${'a'.repeat(3_000)}.png`,
    'x\r\nSet-Cookie: a=b.png',
    '\u202Egnp.png',
    'CON.png',
    '%2e%2e%2f.png',
  ])('is not used for the stored file: %j (U-02)', async (name) => {
    const made = await send(await png(), { name });
    expect(made.status).toBe(201);
    expect(JSON.stringify(made.body)).not.toContain(name.slice(0, 12));
    const { headers } = await download(app.url + made.data.fileUrl);
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="scan-${made.data.id}.png"; filename*=UTF-8''scan-${made.data.id}.png`,
    );
  });
});

it('a form with a NUL in a file name is refused (U-02)', async () => {
  expect((await send(await png(), { name: 'a\0b.png' })).status).toBe(400);
});

describe('a form', () => {
  const post = async (body: FormData | string, headers: Record<string, string> = {}): Promise<[number, string[]]> => {
    const response = await fetch(`${app.url}/api/v1/scans`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, ...headers },
      body,
    });
    const { error } = (await response.json()) as any;
    return [response.status, Array.isArray(error?.details) ? error.details.map(({ field }: any) => field) : []];
  };

  const form = (...parts: [string, string | Blob, string?][]): FormData => {
    const made = new FormData();
    for (const [name, value, file] of parts) {
      if (typeof value === 'string') made.append(name, value);
      else made.append(name, value, file);
    }
    return made;
  };

  it('that is invalid is refused with 400 and the name of the field (U-05)', async () => {
    const file = new Blob([await png()], { type: 'image/png' });
    const deep = `a${'[b]'.repeat(1_000)}`;
    expect(await post(form(['kind', 'X']))).toEqual([400, ['file']]);
    expect(await post(form(['file', file, 'a.png'], ['file', file, 'b.png']))).toEqual([400, ['file']]);
    expect(await post(form(['picture', file, 'a.png']))).toEqual([400, ['picture']]);
    expect(await post(form([deep, 'x'], ['file', file, 'a.png']))).toEqual([400, [deep.slice(0, 64)]]);
    expect(await post(form(['', 'x'], ['file', file, 'a.png']))).toEqual([400, ['(no name)']]);
    expect(await post(form(['', file, 'a.png']))).toEqual([400, ['(no name)']]);
    expect(await post(form(['isAdmin', 'x'], ['file', file, 'a.png']))).toEqual([400, ['isAdmin']]);
    expect(await post(form(['__proto__', 'x'], ['file', file, 'a.png']))).toEqual([400, ['__proto__']]);
    expect(await post(form(['kind', 'x'.repeat(300)], ['file', file, 'a.png']))).toEqual([400, ['kind']]);
    expect(await post(form(['kind', '<b>'], ['file', file, 'a.png']))).toEqual([400, ['kind']]);
    expect(await post(form(['takenAt', 'yesterday'], ['file', file, 'a.png']))).toEqual([400, ['takenAt']]);
    expect(await post(form(['takenAt', '2199-01-01T00:00:00Z'], ['file', file, 'a.png']))).toEqual([400, ['takenAt']]);
    expect(await post(form(['clientId', '7'], ['file', file, 'a.png']))).toEqual([400, ['clientId']]);
    expect(await post(form(['file', new Blob([]), 'a.png']))).toEqual([400, ['file']]);
    const many = form(['file', file, 'a.png'], ...Array.from({ length: 50 }, (): [string, string] => ['kind', 'x']));
    expect((await post(many))[0]).toBe(400);
    const type = { 'content-type': 'multipart/form-data' };
    expect(await post('--x\r\n', type)).toEqual([400, ['Content-Type']]);
    expect(
      await post('--x\r\nContent-Disposition: form-data; name="kind"\r\n\r\nX', {
        'content-type': 'multipart/form-data; boundary=x',
      }),
    ).toEqual([400, ['Content-Type']]);
  });

  it('of another media type is refused with 415, and other routes accept no forms', async () => {
    expect((await post('a=b', { 'content-type': 'application/x-www-form-urlencoded' }))[0]).toBe(415);
    expect((await post('PNG', { 'content-type': 'image/png' }))[0]).toBe(415);
    expect((await post('{}', { 'content-type': 'application/json' }))[0]).toBe(415);
    const elsewhere = await fetch(`${app.url}/api/v1/appointments`, { method: 'POST', body: form(['a', 'b']) });
    expect(elsewhere.status).toBe(415);
  });
});

describe('a body', () => {
  const head = (...more: string[]): string =>
    [
      'POST /api/v1/scans HTTP/1.1',
      'Host: x',
      `Authorization: Bearer ${token}`,
      'Content-Type: multipart/form-data; boundary=b',
      ...more,
      '',
      '',
    ].join('\r\n');
  const part =
    '--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n';

  const open = async (): Promise<Socket> => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    await within('a connection', once(socket, 'connect'));
    return socket;
  };

  const readStatus = async (socket: Socket): Promise<number> => {
    const [data] = (await within('a response', once(socket, 'data'))) as [Buffer];
    return Number(data.toString().split(' ')[1]);
  };

  it('that is too large is refused with 413: at once by its Content-Length, otherwise when it exceeds the limit (U-05)', async () => {
    const socket = await open();
    socket.write(head(`Content-Length: ${MAX_BYTES * 10}`) + part);
    expect(await readStatus(socket)).toBe(413);
    socket.destroy();
    const answer = await send(Buffer.concat([await png(), Buffer.alloc(MAX_BYTES)]));
    expect(answer).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' });
    const unannounced = await open();
    unannounced.write(head('Transfer-Encoding: chunked'));
    const toChunk = (content: string | Buffer): Buffer =>
      Buffer.concat([Buffer.from(`${content.length.toString(16)}\r\n`), Buffer.from(content), Buffer.from('\r\n')]);
    unannounced.write(toChunk(part));
    for (let sent = 0; sent <= MAX_BYTES; sent += 500_000) unannounced.write(toChunk(Buffer.alloc(500_000)));
    expect(await readStatus(unannounced)).toBe(413);
    unannounced.destroy();
  });

  it('that arrives byte by byte is refused with 408 (U-05)', async () => {
    const socket = await open();
    socket.write(head('Content-Length: 100000') + part);
    const drip = setInterval(() => socket.write('x'), 100);
    expect(await readStatus(socket)).toBe(408);
    clearInterval(drip);
    socket.destroy();
  });

  it('that stops in the middle leaves no files (U-05)', async () => {
    const sockets = await Promise.all(Array.from({ length: 5 }, open));
    for (const socket of sockets) socket.write(head('Content-Length: 1000000') + part + 'x'.repeat(400_000));
    await eventually(async () => expect((await readdir(join(folder, 'incoming'))).length).toBe(5));
    for (const socket of sockets) socket.destroy();
  });

  it('of a user with eight uploads in progress is refused with 429 (U-05)', async () => {
    const sockets = await Promise.all(Array.from({ length: 8 }, open));
    for (const socket of sockets) socket.write(head('Content-Length: 1000000') + part + 'x'.repeat(100_000));
    await eventually(async () => expect((await readdir(join(folder, 'incoming'))).length).toBe(8));
    expect(await send(await png())).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    for (const socket of sockets) socket.destroy();
  });
});

it('the server still accepts an upload afterwards', async () => {
  expect((await send(await png())).status).toBe(201);
});
