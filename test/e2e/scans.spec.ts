import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { TestApp } from '../support/app.js';
import { deflated, dicom, DEFLATED, EXPLICIT, IMPLICIT, parsed, SECRET, SOP_INSTANCE } from '../support/dicom-files.js';
import { setDateOfBirth } from '../support/encrypted.js';
import { jpeg, jpegWithMetadata, png, webp } from '../support/pictures.js';
import { download, upload } from '../support/uploads.js';

let app: TestApp;
let folder: string;
let owner: { token: string; clientId: string; userId: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-scans-'));
  app = await TestApp.start({ STORAGE_DIR: folder });
  [owner] = (await app.patients(1)) as [typeof owner];
});

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

/** Overwrites the first occurrence of a text by another text of the same length. */
function overwrite(bytes: Buffer, from: string, to: string): Buffer {
  bytes.write(to, bytes.indexOf(from), 'latin1');
  return bytes;
}

const leftovers = (): Promise<string[]> => readdir(join(folder, 'incoming'));

describe('an image', () => {
  it('is stored with its properties and links, and served upright and without its metadata (U-02, U-06)', async () => {
    const made = await upload(app, {
      token: owner.token,
      bytes: await jpegWithMetadata(SECRET),
      name: 'photo.jpg',
      type: 'image/jpeg',
      fields: { kind: 'PHOTO', takenAt: '2026-01-02T03:04:05+02:00' },
    });
    expect(made).toMatchObject({ status: 201 });
    expect(made.data).toMatchObject({
      clientId: owner.clientId,
      kind: 'PHOTO',
      takenAt: '2026-01-02T01:04:05.000Z',
      format: 'JPEG',
      contentType: 'image/jpeg',
      width: 48,
      height: 64,
      bitDepth: 8,
      channels: 3,
      frames: 1,
      dicom: null,
      patientMismatch: 'NOT_CHECKED',
      analysisStatus: null,
      quality: { blank: false, blurred: false },
    });
    const file = await download(app.url + made.data.fileUrl);
    expect(file.status).toBe(200);
    expect(file.bytes.includes(SECRET)).toBe(false);
    const metadata = await sharp(file.bytes).metadata();
    expect(metadata).toMatchObject({ format: 'jpeg', width: 48, height: 64 });
    expect([metadata.exif, metadata.xmp, metadata.iptc, metadata.orientation]).toEqual(Array(4).fill(undefined));
    expect(Object.fromEntries(file.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'content-disposition': expect.stringContaining(`attachment; filename="scan-${made.data.id}.jpg"`),
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, no-store, no-transform',
    });
    const small = await download(app.url + made.data.thumbnailUrl);
    expect(await sharp(small.bytes).metadata()).toMatchObject({ format: 'jpeg', width: 48, height: 64 });
    expect(await leftovers()).toEqual([]);
  });

  it.each([
    ['PNG', png, 'a.png', 'image/png'],
    ['JPEG', jpeg, 'a.jpeg', ''],
    ['WEBP', webp, 'blob', 'image/webp'],
    ['PNG', png, 'A.PNG', 'application/octet-stream'],
  ])('of format %s is detected by its content', async (format, make, name, type) => {
    const made = await upload(app, { token: owner.token, bytes: await make(), name, type });
    expect(made.data).toMatchObject({ format, width: 64, height: 48 });
    expect((await download(app.url + made.data.fileUrl)).bytes.length).toBeGreaterThan(50);
  });

  it('with 16 bits of grey keeps all bits', async () => {
    const values = Uint16Array.from({ length: 64 * 48 }, (_, index) => index * 21);
    const picture = await sharp(values, { raw: { width: 64, height: 48, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    const made = await upload(app, { token: owner.token, bytes: picture });
    expect(made.data).toMatchObject({ bitDepth: 16, channels: 1 });
    const { bytes } = await download(app.url + made.data.fileUrl);
    const { data } = await sharp(bytes)
      .toColourspace('grey16')
      .raw({ depth: 'ushort' })
      .toBuffer({ resolveWithObject: true });
    expect(new Uint16Array(data.buffer, data.byteOffset, values.length)).toEqual(values);
  });

  it.each([
    ['a.jpg', jpeg],
    ['a.png', png],
    ['a.webp', webp],
  ])('that is larger than the read buffer is read to its end: %s', async (name, make) => {
    const bytes = await make(1_600, 1_200);
    expect(bytes.length).toBeGreaterThan(300_000);
    const made = await upload(app, { token: owner.token, bytes, name });
    expect(made.data).toMatchObject({ width: 1_600, height: 1_200 });
    const odd = await upload(app, { token: owner.token, bytes: Buffer.concat([bytes, Buffer.from('x')]), name });
    expect(odd.data).toMatchObject({ width: 1_600, height: 1_200, bytes: bytes.length });
  });

  it('that is blank or blurred is reported as such', async () => {
    const blank = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#777' } })
      .png()
      .toBuffer();
    const blurred = await sharp(await png(256, 256))
      .blur(12)
      .png()
      .toBuffer();
    expect((await upload(app, { token: owner.token, bytes: blank })).data.quality).toMatchObject({ blank: true });
    expect((await upload(app, { token: owner.token, bytes: blurred })).data.quality).toMatchObject({
      blank: false,
      blurred: true,
    });
  });
});

describe('a DICOM file', () => {
  const send = (bytes: Buffer): ReturnType<typeof upload> => upload(app, { token: owner.token, bytes, name: 'IM0001' });

  it.each([
    ['explicit', EXPLICIT],
    ['implicit', IMPLICIT],
    ['deflated', DEFLATED],
  ])('in %s little endian is read, rendered, and copied without the patient (U-07)', async (_, syntax) => {
    const made = await send(dicom({ syntax, preamble: 'MZ\x90 a program' }));
    expect(made.body).toMatchObject({ success: true });
    expect(made.data).toMatchObject({
      format: 'DICOM',
      contentType: 'application/dicom',
      width: 48,
      height: 32,
      bitDepth: 16,
      frames: 1,
      dicom: { modality: 'CT', bodyPart: 'HEAD', sopInstanceUid: SOP_INSTANCE, pixelSpacing: [0.5, 0.5] },
      deidentification: { cleanPixelData: false, pixelTextNotChecked: true, removedPrivate: 2 },
      patientMismatch: 'MISMATCH',
      noPicture: null,
      quality: { blank: false },
    });
    expect(JSON.stringify(made.body)).not.toContain('CANARY');
    const original = await download(app.url + made.data.fileUrl);
    expect(original.bytes.subarray(0, 128).every((byte) => byte === 0)).toBe(true);
    const copy = (await download(app.url + made.data.deidentifiedUrl)).bytes;
    expect(copy.includes('CANARY')).toBe(false);
    const { meta, dict } = parsed(copy);
    expect(dict['00120062'].Value).toEqual(['NO']);
    expect(dict['00080018'].Value[0]).toMatch(/^2\.25\.\d+$/);
    expect(meta['00020003'].Value).toEqual(dict['00080018'].Value);
    expect(dict['00100010'].Value).toEqual([]);
    expect(dict['00080020'].Value.filter(Boolean)).toEqual([]);
    expect(dict['00081030']).toBeUndefined();
    expect(dict['00081140'].Value[0]['00081150'].Value).toEqual(['1.2.840.10008.5.1.4.1.1.2']);
    expect(dict['00081140'].Value[0]['00081155'].Value[0]).toMatch(/^2\.25\./);
    expect(new Int16Array(dict['7FE00010'].Value[0]).slice(0, 3)).toEqual(Int16Array.from([-100, -80, -60]));
    const small = await download(app.url + made.data.thumbnailUrl);
    const { data } = await sharp(small.bytes).greyscale().raw().toBuffer({ resolveWithObject: true });
    expect([data[0], data[47]]).toEqual([expect.any(Number), expect.any(Number)]);
    expect((data[47] as number) - (data[0] as number)).toBeGreaterThan(200);
  });

  it('with a name in place of a number or code has it neither in the copy nor in our tables', async () => {
    const made = await send(
      dicom({
        extra: {
          '00181151': { vr: 'IS', Value: ['40 CANARY'] },
          '00081050': { vr: 'CS', Value: ['SMITH CANARY'] }, // PerformingPhysicianName, which must not be a code
          '0008F000': { vr: 'CS', Value: ['CANARY'] }, // in no dictionary
          '00280301': { vr: 'CS', Value: ['Canary, not YES'] },
          '00081140': { vr: 'SQ', Value: [{ '00080016': { vr: 'UI', Value: ['1.2.840.10008.CANARY'] } }] },
        },
      }),
    );
    expect(made.data).toMatchObject({
      dicom: { burnedInAnnotation: null },
      deidentification: { burnedInAnnotation: null },
    });
    const copy = (await download(app.url + made.data.deidentifiedUrl)).bytes;
    expect(copy.toString('latin1')).not.toMatch(/canary/i);
  });

  it('gets the same new UIDs each time', async () => {
    const copies = [];
    for (const _ of [1, 2]) {
      const { data } = await send(dicom());
      copies.push(parsed((await download(app.url + data.deidentifiedUrl)).bytes).dict);
    }
    expect(copies[0]['0020000D'].Value).toEqual([expect.stringMatching(/^2\.25\./)]);
    expect(copies[1]['0020000D'].Value).toEqual(copies[0]['0020000D'].Value);
  });

  it('that names the patient of the upload is not a mismatch', async () => {
    await setDateOfBirth(app, owner.clientId, '1988-04-02');
    const made = await send(dicom({ extra: { '00100010': { vr: 'PN', Value: ['IENT^PAT'] } } }));
    expect(made.data.patientMismatch).toBe('NONE');
  });

  it.each([
    ['without a UID', dicom({ without: ['0020000E'] }), 'MISSING_UID'],
    ['whose header has another UID', dicom({ metaSopInstanceUid: '1.2.3' }), 'UID_MISMATCH'],
    [
      'with a text as its transfer syntax',
      overwrite(dicom(), '1.2.840.10008.1.2.1', '1.2.840.1 CANARY\0\0\0'),
      'TRANSFER_SYNTAX',
    ],
    ['with a fractional number of bits', dicom({ extra: { '00280101': { vr: 'DS', Value: ['12.5'] } } }), 'BROKEN'],
    ['without pixels', dicom({ without: ['7FE00010'] }), 'NO_PIXELS'],
    ['with fewer pixels than it declares', dicom({ values: new Int16Array(10) }), 'BROKEN'],
    ['cut off', dicom().subarray(0, 900), 'BROKEN'],
    ['with too many frames', dicom({ extra: { '00280008': { vr: 'IS', Value: ['99999'] } } }), 'TOO_MANY_FRAMES'],
    [
      'with too many pixels',
      dicom({ extra: { '00280010': { vr: 'US', Value: [60000] }, '00280011': { vr: 'US', Value: [60000] } } }),
      'TOO_MANY_PIXELS',
    ],
    ['that is a bomb of zeros', deflated(dicom(), Buffer.alloc(60_000_000)), 'DECOMPRESSION'],
  ])('%s is refused with 422', async (_, bytes, reason) => {
    const answer = await send(bytes);
    expect(answer.body.error).toMatchObject({ code: 'UNPROCESSABLE_FILE', details: { reason } });
    expect(await leftovers()).toEqual([]);
  });
});
