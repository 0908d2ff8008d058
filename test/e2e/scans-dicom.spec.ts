import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { TestApp, type Answer } from '../support/app.js';
import {
  deflated,
  dicom,
  element,
  IMPLICIT,
  insertBefore,
  JPEG_BASELINE,
  parsed,
  rawElement,
} from '../support/dicom-files.js';
import { setDateOfBirth } from '../support/encrypted.js';
import { zip } from '../support/pictures.js';
import { download, upload } from '../support/uploads.js';

let app: TestApp;
let folder: string;
let owner: { token: string; clientId: string; userId: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-dicom-'));
  app = await TestApp.start({ STORAGE_DIR: folder });
  [owner] = (await app.patients(1)) as [typeof owner];
});

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

const send = (bytes: Buffer): Promise<Answer> => upload(app, { token: owner.token, bytes, name: 'IM0001' });

async function uploadFile(bytes: Buffer): Promise<any> {
  const answer = await send(bytes);
  expect(answer.body).toMatchObject({ success: true });
  return answer.data;
}

const downloadFile = async (url: string): Promise<Buffer> => (await download(app.url + url)).bytes;
const deidentify = async (bytes: Buffer): Promise<any> =>
  parsed(await downloadFile((await uploadFile(bytes)).deidentifiedUrl)).dict;

/** The greys of the thumbnail, row by row. */
async function renderThumbnail(bytes: Buffer): Promise<number[]> {
  const { data } = await sharp(await downloadFile((await uploadFile(bytes)).thumbnailUrl))
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return [...data];
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('a DICOM file that deviates from the standard', () => {
  it.each([
    ['un-A.dcm', ['UNKNOWN_SEQUENCE']],
    ['un-D.dcm', ['UNKNOWN_SEQUENCE']],
    ['2-nul-bytes-behind.dcm', ['TRAILING_BYTES_DROPPED']],
    ['private-sq-7fe1-undefined-length-behind.dcm', []],
    ['study-uid-leading-zero.dcm', ['UID_FORMAT']],
  ])('%s is accepted, rendered and copied, with a note', async (name, notes) => {
    const bytes = await readFile(`test/fixtures/scans/${name}`);
    const scan = await uploadFile(bytes);
    expect(scan).toMatchObject({
      format: 'DICOM',
      width: 16,
      height: 16,
      noPicture: null,
      dicom: { modality: 'OT', notes },
    });
    const served = await downloadFile(scan.fileUrl);
    expect(served.subarray(132)).toEqual(bytes.subarray(132, served.length));
    const copy = await downloadFile(scan.deidentifiedUrl);
    const { dict } = parsed(copy);
    expect(dict['00280010'].Value).toEqual([16]);
    expect(dict['0020000D'].Value[0]).toMatch(/^2\.25\.\d+$/);
    const pixels = bytes.indexOf(Buffer.from([0xe0, 0x7f, 0x10, 0])) + 12;
    expect(Buffer.from(dict['7FE00010'].Value[0])).toEqual(bytes.subarray(pixels, pixels + 256));
    expect(copy.includes('Tester')).toBe(false);
  });

  it('keeps all elements after an unknown sequence, in the file and in the copy', async () => {
    const item = Buffer.concat([Buffer.from('feff00e0ffffffff', 'hex'), Buffer.from('19000210020000005820', 'hex')]);
    const content = Buffer.concat([item, Buffer.from('feff0de000000000feffdde000000000', 'hex')]);
    const unknown = Buffer.concat([Buffer.from('19000110554e0000ffffffff', 'hex'), content]);
    const plain = dicom();
    const odd = insertBefore(plain, '0020000D', unknown);
    const [expected, found] = [await deidentify(plain), await deidentify(odd)];
    expect(Object.keys(found)).toEqual(Object.keys(expected));
    expect(found['0020000D'].Value).toEqual(expected['0020000D'].Value);
  });

  it('has a standard sequence recognized although its VR is unknown', async () => {
    const referenced = Buffer.concat([
      Buffer.from('08005011', 'hex'),
      Buffer.from([26, 0, 0, 0]),
      Buffer.from('1.2.840.10008.5.1.4.1.1.2\0'),
      Buffer.from('080055110600000031322e332e34', 'hex'),
    ]);
    const itemHead = Buffer.from('feff00e000000000', 'hex');
    itemHead.writeUInt32LE(referenced.length, 4);
    const unknown = Buffer.concat([
      Buffer.from('08001221554e0000ffffffff', 'hex'),
      itemHead,
      referenced,
      Buffer.from('feffdde000000000', 'hex'),
    ]);
    const copy = await deidentify(insertBefore(dicom(), '00090010', unknown));
    expect(copy['00082112'].Value[0]['00081150'].Value).toEqual(['1.2.840.10008.5.1.4.1.1.2']);
    expect(copy['00082112'].Value[0]['00081155'].Value[0]).toMatch(/^2\.25\./);
  });

  const withoutGroupLength = (bytes: Buffer): Buffer => Buffer.concat([bytes.subarray(0, 132), bytes.subarray(144)]);
  const withGroupLength = (bytes: Buffer, length: number): Buffer => {
    const changed = Buffer.from(bytes);
    changed.writeUInt32LE(length, 140);
    return changed;
  };
  const relabelled = (bytes: Buffer): Buffer => {
    const changed = Buffer.from(bytes);
    changed.write('1.2.840.10008.1.2\0\0\0', changed.indexOf('1.2.840.10008.1.2.1\0'), 'latin1');
    return changed;
  };

  it.each<[string, Buffer, string[]]>([
    ['without the preamble', dicom().subarray(132), ['PREAMBLE_MISSING']],
    ['without the preamble but with its prefix', dicom().subarray(128), ['PREAMBLE_MISSING']],
    ['without the length of its header', withoutGroupLength(dicom()), ['HEADER_INCOMPLETE']],
    ['with a wrong length of its header', withGroupLength(dicom(), 8), ['HEADER_INCOMPLETE']],
    [
      'with a length of its header beyond the end of the file',
      withGroupLength(dicom(), 5_000_000),
      ['HEADER_INCOMPLETE'],
    ],
    ['in explicit VR that declares implicit VR', relabelled(dicom()), ['VR_ENCODING']],
    ['followed by zeros', Buffer.concat([dicom(), Buffer.alloc(700)]), ['TRAILING_BYTES_DROPPED']],
    ['followed by a line end', Buffer.concat([dicom(), Buffer.from('\r\n')]), ['TRAILING_BYTES_DROPPED']],
    [
      'in implicit VR, followed by a ZIP',
      Buffer.concat([dicom({ syntax: IMPLICIT }), zip()]),
      ['TRAILING_BYTES_DROPPED'],
    ],
    ['followed by a ZIP', Buffer.concat([dicom(), zip()]), ['TRAILING_BYTES_DROPPED']],
    ['deflated, followed by a ZIP', Buffer.concat([deflated(dicom()), zip()]), ['TRAILING_BYTES_DROPPED']],
  ])('%s is accepted, and its served file contains only the image', async (_, bytes, notes) => {
    const scan = await uploadFile(bytes);
    expect(scan.dicom.notes).toEqual(notes);
    const served = await downloadFile(scan.fileUrl);
    expect(served.toString('latin1', 128, 132)).toBe('DICM');
    expect(served.subarray(0, 128).every((byte) => byte === 0)).toBe(true);
    expect(served.includes('PK\x05\x06')).toBe(false);
    expect(parsed(await downloadFile(scan.deidentifiedUrl)).dict['00280010'].Value).toEqual([32]);
  });

  it('with an archive in its last element is refused with 415', async () => {
    const hidden = (bytes: Buffer, vr = 'OB'): Buffer => Buffer.concat([bytes, rawElement('FFFCFFFC', vr, zip())]);
    for (const bytes of [hidden(dicom()), hidden(dicom(), 'UN')])
      expect(await send(bytes)).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  });
});

describe('the patient of a DICOM file', () => {
  const comparePatient = async (
    name: [firstName: string, lastName: string],
    tags: { name?: string; birth?: string },
    dateOfBirth = '1988-04-02',
  ): Promise<string> => {
    await setDateOfBirth(app, owner.clientId, dateOfBirth);
    await app.db.query('UPDATE user_account SET first_name = $2, last_name = $3 WHERE id = $1', [
      owner.userId,
      ...name,
    ]);
    const extra = { '00100010': element('PN', tags.name ?? ''), '00100030': element('DA', 'YYYYMMDD') };
    const bytes = dicom({ extra, without: ['00100020', ...(tags.birth === undefined ? ['00100030'] : [])] });
    return (await uploadFile(withBirthDate(bytes, tags.birth ?? ''))).patientMismatch;
  };

  it('is compared by name in every script that the file and the record have in common (U-07)', async () => {
    expect(await comparePatient(['محمد', 'السيد'], { name: 'ELSAYED^MOHAMED=السيد^محمد' })).toBe('NONE');
    expect(await comparePatient(['محمد', 'السيد'], { name: 'ELSAYED^MOHAMED' })).toBe('NOT_CHECKED');
    expect(await comparePatient(['محمد', 'السيد'], { name: 'ELSAYED^MOHAMED=خالد^حسن' })).toBe('MISMATCH');
    expect(await comparePatient(['Jürgen', 'Müller'], { name: 'MUELLER^J' })).toBe('NONE');
  });

  it('is compared by date of birth in old and new formats, but not in others', async () => {
    expect(await comparePatient(['Mona', 'Hassan'], { birth: '19880402' })).toBe('NONE');
    expect(await comparePatient(['Mona', 'Hassan'], { birth: '1988.04.02' })).toBe('NONE');
    expect(await comparePatient(['Mona', 'Hassan'], { birth: '1988.04.03' })).toBe('MISMATCH');
    for (const birth of ['', '00000000', '19880230', '1988'])
      expect([birth, await comparePatient(['Mona', 'Hassan'], { birth })]).toEqual([birth, 'NOT_CHECKED']);
  });
});

describe('the thumbnail of a DICOM file', () => {
  const side = { rows: 32, columns: 32 };
  /** A grey for each of the 32 columns. */
  const columns = (value: (x: number) => number): Int16Array =>
    Int16Array.from({ length: 1_024 }, (_, i) => value(i % 32));
  const without = ['00281050', '00281051'];

  it('uses the range of all values except padding if the file has no window', async () => {
    const values = columns((x) => (x < 4 ? -32_768 : x * 10));
    const greys = await renderThumbnail(
      dicom({ ...side, values, without, extra: { '00280120': element('SS', -32_768) } }),
    );
    expect(mean(greys)).toBeGreaterThan(90);
    expect(mean(greys)).toBeLessThan(150);
    expect(greys[31] as number).toBeGreaterThan(240);
    expect(greys[0] as number).toBeLessThan(15);
  });

  it.each([
    ['PresentationLUTShape INVERSE', { '20500020': element('CS', 'INVERSE') }],
    ['MONOCHROME1', { '00280004': element('CS', 'MONOCHROME1') }],
    [
      'MONOCHROME1 with PresentationLUTShape INVERSE',
      { '00280004': element('CS', 'MONOCHROME1'), '20500020': element('CS', 'INVERSE') },
    ],
    [
      'a VOI LUT that inverts',
      {
        '00283010': element('SQ', {
          '00283002': element('SS', 256, 0, 16),
          '00283006': element('US', ...Array.from({ length: 256 }, (_, index) => 65_535 - index * 257)),
        }),
      },
    ],
    ['a rescale that inverts', { '00281052': element('DS', 255), '00281053': element('DS', -1) }],
  ])('is inverted by %s', async (_, extra) => {
    const greys = await renderThumbnail(dicom({ ...side, values: columns((x) => x * 8), without, extra }));
    expect(greys[0] as number).toBeGreaterThan(240);
    expect(greys[31] as number).toBeLessThan(20);
  });

  it.each([
    ['a VOI LUT without data', { '00283010': element('SQ', { '00283002': element('SS', 256, 0, 16) }) }],
    ['a function that is not known', { '00281056': element('CS', 'LOGARITHMIC') }],
  ])('is a placeholder with the reason if the file specifies %s', async (_, extra) => {
    const scan = await uploadFile(dicom({ extra }));
    expect(scan).toMatchObject({ noPicture: 'GREY_SCALE', quality: null });
    expect((await downloadFile(scan.thumbnailUrl)).toString()).toContain('GREY_SCALE');
  });
});

describe('the de-identified copy', () => {
  it('contains no texts of coded values, but codes of public terminologies', async () => {
    const code = (scheme: string, value: string): Record<string, unknown> => ({
      '00080100': element('SH', value),
      '00080102': element('SH', scheme),
      '00080104': element('LO', 'Ms ZCANARY of Cairo'),
    });
    const copy = await deidentify(
      dicom({
        extra: {
          '00082218': element('SQ', { ...code('SCT', '69536005'), '00082220': element('SQ', code('SCT', '24028007')) }),
          '00082228': element('SQ', code('99CANARY', 'ZCANARY')),
          '00540220': element('SQ', code('SCT', 'ZCANARY')),
        },
      }),
    );
    expect(JSON.stringify(copy)).not.toContain('CANARY');
    const [region] = copy['00082218'].Value;
    expect(region).toMatchObject({ '00080100': { Value: ['69536005'] }, '00080102': { Value: ['SCT'] } });
    expect(region['00080104'].Value).toEqual(['69536005']);
    expect(region['00082220'].Value[0]['00080100'].Value).toEqual(['24028007']);
    expect(copy['00082228'].Value[0]).toMatchObject({ '00080100': { Value: ['REMOVED'] } });
    expect(copy['00540220'].Value[0]['00080104'].Value).toEqual(['REMOVED']);
  });

  it('reports each attribute of a code that it does not contain as removed', async () => {
    const countRemoved = async (extra: Record<string, unknown>): Promise<number> => {
      const code = { '00080100': element('SH', '69536005'), '00080102': element('SH', 'SCT'), ...extra };
      const scan = await uploadFile(dicom({ extra: { '00082218': element('SQ', code) } }));
      return scan.deidentification.removed;
    };
    const more = { '00080103': element('SH', '2020'), '0008010F': element('CS', '4031') };
    expect(await countRemoved(more)).toBe((await countRemoved({})) + 2);
  });

  it('contains tables of greys and the presentation shape completely or not at all, so that it looks the same', async () => {
    const table = { '00283002': element('SS', 4, 0, 16), '00283006': element('US', 65_535, 40_000, 20_000, 0) };
    const whole = await deidentify(
      dicom({
        extra: {
          '00283010': element('SQ', { ...table, '00283003': element('LO', 'CANARY') }),
          '20500020': element('CS', 'INVERSE'),
          '00283000': element('SQ', { ...table, '00283004': element('LO', 'CANARY units') }),
          '00281054': element('LO', 'HU'),
          '00281052': element('DS', -1024),
          '00281053': element('DS', 1),
        },
      }),
    );
    expect(whole['20500020'].Value).toEqual(['INVERSE']);
    expect(whole['00283010'].Value[0]['00283002'].Value).toEqual([4, 0, 16]);
    expect(new Uint16Array(numbersIn(whole['00283010'].Value[0]['00283006']))).toEqual(
      Uint16Array.from([65_535, 40_000, 20_000, 0]),
    );
    expect(whole['00283000'].Value[0]['00283004'].Value).toEqual(['US']);
    expect(whole['00281054'].Value).toEqual(['HU']);
    expect(JSON.stringify(whole)).not.toContain('CANARY');
    const half = await deidentify(
      dicom({
        extra: {
          '00283010': element('SQ', { '00283002': element('SS', 4, 0, 16) }),
          '00281051': element('DS', 'CANARY'),
          '00280A02': element('CS', 'FIDUCIAL'),
          '00280A04': element('LO', 'CANARY'),
          '00280009': { vr: 'AT', Value: [0x00091001] },
        },
      }),
    );
    for (const tag of ['00283010', '00281050', '00281051', '00280009'])
      expect([tag, half[tag]]).toEqual([tag, undefined]);
    expect(half['00280A04'].Value).toEqual(['Removed']);
    expect(JSON.stringify(half)).not.toContain('CANARY');
  });

  it.each([
    ['YES', 'NO'],
    ['NO', 'YES'],
    [undefined, 'NO'],
  ])('with BurnedInAnnotation %s has PatientIdentityRemoved %s', async (burnedIn, claim) => {
    const scan = await uploadFile(dicom({ extra: burnedIn ? { '00280301': element('CS', burnedIn) } : {} }));
    expect(scan.deidentification).toMatchObject({
      burnedInAnnotation: burnedIn ?? null,
      patientIdentityRemoved: claim === 'YES',
    });
    const { dict } = parsed(await downloadFile(scan.deidentifiedUrl));
    expect(dict['00120062'].Value).toEqual([claim]);
    expect(dict['00120063'].Value[0]).toContain('pixels not cleaned');
  });

  it('contains no names in code strings, no texts of colour profiles, and no bytes after the pixels', async () => {
    const profile = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } })
      .withIccProfile('srgb')
      .jpeg()
      .toBuffer()
      .then(async (bytes) => (await sharp(bytes).metadata()).icc as Buffer);
    const named = Buffer.from(profile);
    named.write('ZCANARY', named.lastIndexOf('mluc') + 28, 'latin1');
    expect(named.lastIndexOf('mluc')).toBeGreaterThan(128);
    const rgb = Buffer.concat([Buffer.alloc(32 * 48 * 3, 0x40), Buffer.from('ZCANARY behind the pixels!')]);
    const copy = await deidentify(
      dicom({
        extra: {
          '00180015': element('CS', 'CANARY HEAD'),
          '00280002': element('US', 3),
          '00280004': element('CS', 'RGB'),
          '00280006': element('US', 0),
          '00280100': element('US', 8),
          '00280101': element('US', 8),
          '00280102': element('US', 7),
          '00282000': { vr: 'OB', Value: [exact(named)] },
          '7FE00010': { vr: 'OB', Value: [exact(rgb)] },
        },
      }),
    );
    expect(copy['00180015']).toBeUndefined();
    const cleaned = Buffer.from(copy['00282000'].Value[0]);
    expect(cleaned.includes('CANARY')).toBe(false);
    expect(cleaned.toString('latin1', 36, 40)).toBe('acsp');
    expect(copy['7FE00010'].Value[0].byteLength).toBe(32 * 48 * 3);
    // The cleaned profile makes the same colours.
    const shown = async (icc: Buffer): Promise<Buffer> => {
      const path = join(folder, 'profile.icc');
      await writeFile(path, icc);
      const patches = { raw: { width: 4, height: 1, channels: 3 as const } };
      return sharp(Buffer.from([200, 30, 40, 10, 220, 90, 0, 60, 250, 128, 128, 128]), patches)
        .withIccProfile(path)
        .raw()
        .toBuffer();
    };
    expect(await shown(cleaned)).toEqual(await shown(profile));
  });

  it('of an image with functional groups has all required attributes and no pointers to removed ones', async () => {
    const dimension = (pointer: number): unknown => ({ '00209165': { vr: 'AT', Value: [pointer] } });
    const enhanced = (...pointers: number[]): Buffer =>
      dicom({
        extra: {
          '0008002A': element('DT', '20260102030405'),
          '00080023': element('DA', '20260102'),
          '00181000': element('LO', 'CANARY serial'),
          '00209222': element('SQ', ...pointers.map(dimension)),
          '52009230': element('SQ', {
            '00209111': element('SQ', {
              '00209056': element('SH', 'CANARY'),
              '00209057': element('UL', 1),
              '00209157': element('UL', 1),
            }),
          }),
        },
      });
    const kept = await deidentify(enhanced(0x00209057));
    expect(kept['0008002A'].Value).toEqual(['19000101000000']);
    expect(kept['00080023'].Value).toEqual(['19000101']);
    expect(kept['00181000'].Value).toEqual(['Removed']);
    const content = kept['52009230'].Value[0]['00209111'].Value[0];
    expect(content['00209056'].Value).toEqual(['1']);
    expect(content['00209157'].Value).toEqual([1]);
    expect(kept['00209222'].Value).toHaveLength(1);
    const dangling = await deidentify(enhanced(0x00209057, 0x00091001));
    expect(dangling['00209222'].Value).toEqual([]);
    expect(dangling['52009230'].Value[0]['00209111'].Value[0]['00209157']).toBeUndefined();
  });

  it('of compressed pixels contains all fragments', async () => {
    const offsets = Buffer.from('feff00e000000000', 'hex');
    const frame = Buffer.concat([Buffer.from('feff00e004000000', 'hex'), Buffer.from([0xff, 0xd8, 0xff, 0xd9])]);
    const pixels = Buffer.concat([
      Buffer.from('e07f10004f420000ffffffff', 'hex'),
      offsets,
      frame,
      Buffer.from('feffdde000000000', 'hex'),
    ]);
    const whole = dicom({ syntax: JPEG_BASELINE, without: ['7FE00010'] });
    const bytes = await downloadFile((await uploadFile(Buffer.concat([whole, pixels]))).deidentifiedUrl);
    expect(bytes.subarray(-pixels.length)).toEqual(pixels);
  });
});

/** Replaces the placeholder `YYYYMMDD` in a file, because dcmjs writes only dates of eight characters. */
function withBirthDate(bytes: Buffer, date: string): Buffer {
  const at = bytes.indexOf('YYYYMMDD');
  if (at === -1) return bytes;
  const value = Buffer.from(date.padEnd(date.length + (date.length % 2)));
  const whole = Buffer.concat([bytes.subarray(0, at), value, bytes.subarray(at + 8)]);
  whole.writeUInt16LE(value.length, at - 2);
  return whole;
}

const exact = (bytes: Buffer): ArrayBuffer =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;

/** dcmjs gives tables as numbers or as bytes, by their VR. */
const numbersIn = ({ Value }: { Value: unknown[] }): number[] =>
  Value[0] instanceof ArrayBuffer ? [...new Uint16Array(Value[0])] : (Value as number[]);
