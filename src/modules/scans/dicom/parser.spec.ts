import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FileBytes } from '../images/file-bytes.js';
import { loadDictionary, type Dictionary } from './dictionary.js';
import type { DicomNote } from './notes.js';
import { Parser, type ParsedFile } from './parser.js';

let folder: string;
let dictionary: Dictionary;
beforeAll(async () => {
  dictionary = await loadDictionary();
  folder = await mkdtemp(join(tmpdir(), 'careslot-parser-'));
});
afterAll(() => rm(folder, { recursive: true }));

const UNDEFINED_LENGTH = 0xffffffff;

function tag(group: number, element: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(group, 0);
  bytes.writeUInt16LE(element, 2);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

const PIXELS = Buffer.concat([tag(0x7fe0, 0x10), Buffer.from('OW\0\0'), uint32(4), Buffer.from('data')]);
const item = (content: Buffer, length = content.length): Buffer =>
  Buffer.concat([tag(0xfffe, 0xe000), uint32(length), content]);
const sequence = (content: Buffer, length = content.length, vr = 'SQ'): Buffer =>
  Buffer.concat([tag(0x0008, 0x1140), Buffer.from(`${vr}\0\0`), uint32(length), content]);
const implicitSequence = (content: Buffer): Buffer =>
  Buffer.concat([tag(0x0008, 0x1140), uint32(content.length), content]);
const ITEM_END = Buffer.concat([tag(0xfffe, 0xe00d), uint32(0)]);
const SEQUENCE_END = Buffer.concat([tag(0xfffe, 0xe0dd), uint32(0)]);
const text = (value: string): Buffer => {
  const head = Buffer.concat([tag(0x0008, 0x0060), Buffer.from('CS'), Buffer.alloc(2)]);
  head.writeUInt16LE(value.length, 6);
  return Buffer.concat([head, Buffer.from(value)]);
};

async function parse(explicit: boolean, ...parts: Buffer[]): Promise<ParsedFile & { notes: DicomNote[] }> {
  const path = join(folder, 'file');
  const notes = new Set<DicomNote>();
  await writeFile(path, Buffer.concat(parts));
  const parsed = await FileBytes.use(path, (file) => new Parser(file, dictionary, notes).parse(0, explicit));
  return { ...parsed, notes: [...notes] };
}

const reason = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: { details: { reason: string } }) => error.details.reason,
  );

function nested(levels: number, wrap: (content: Buffer) => Buffer): Buffer {
  let content: Buffer = Buffer.alloc(0);
  for (let level = 0; level < levels; level += 1) content = wrap(item(content));
  return content;
}

describe('the DICOM parser', () => {
  it.each([
    ['defined length', sequence(item(text('CT'))), ['CT']],
    [
      'undefined length',
      sequence(
        Buffer.concat([item(Buffer.concat([text('MR'), ITEM_END]), UNDEFINED_LENGTH), SEQUENCE_END]),
        UNDEFINED_LENGTH,
      ),
      ['MR'],
    ],
    ['no items', sequence(Buffer.alloc(0)), []],
  ])('reads a sequence of %s, and finds the pixels after it without reading them', async (_, bytes, modalities) => {
    const { dataset, pixels, end } = await parse(true, bytes, PIXELS);
    expect(dataset['00081140']?.items?.map((found) => found['00080060']?.bytes.toString())).toEqual(modalities);
    const offset = bytes.length + 12;
    expect(pixels).toEqual({ tag: '7FE00010', vr: 'OW', offset, length: 4, end: offset + 4 });
    expect(end).toBe(offset + 4);
    expect(Object.keys(dataset)).toEqual(['00081140']);
  });

  it('finds the end of fragmented pixels', async () => {
    const head = Buffer.concat([tag(0x7fe0, 0x10), Buffer.from('OB\0\0'), uint32(UNDEFINED_LENGTH)]);
    const fragments = Buffer.concat([item(Buffer.alloc(0)), item(Buffer.from('abcd')), SEQUENCE_END]);
    const parsed = await parse(true, head, fragments, Buffer.from('behind'));
    expect(parsed).toMatchObject({
      pixels: { length: null, end: 12 + fragments.length - 8 },
      end: 12 + fragments.length,
      notes: ['TRAILING_BYTES_DROPPED'],
    });
    const cut = await parse(true, head, fragments.subarray(0, -8));
    expect(cut).toMatchObject({ pixels: { end: cut.end }, notes: ['DELIMITERS'] });
  });

  it('limits the depth of every kind of sequence', async () => {
    expect(await reason(parse(true, nested(5, sequence), PIXELS))).toBeNull();
    expect(await reason(parse(true, nested(200, sequence), PIXELS))).toBe('TOO_DEEP');
    expect(await reason(parse(false, nested(200, implicitSequence)))).toBe('TOO_DEEP');
    const unknown = sequence(item(nested(200, implicitSequence)), undefined, 'UN');
    expect(await reason(parse(true, unknown, PIXELS))).toBe('TOO_DEEP');
    const open = Buffer.concat(
      Array.from({ length: 200 }, () =>
        Buffer.concat([sequence(Buffer.alloc(0), UNDEFINED_LENGTH), item(Buffer.alloc(0), UNDEFINED_LENGTH)]),
      ),
    );
    expect(await reason(parse(true, open))).toBe('TOO_DEEP');
  });

  it('limits the number of elements', async () => {
    const many = Buffer.concat(Array.from({ length: 60_000 }, () => text('CT')));
    expect(await reason(parse(true, many, PIXELS))).toBe('TOO_MANY_PARTS');
  });

  it('refuses a broken value in nested unknown sequences', async () => {
    let content = Buffer.from('no element and no item');
    for (let level = 0; level < 12; level += 1)
      content = Buffer.concat([
        tag(0x0009, 0x1001),
        Buffer.from('UN\0\0'),
        uint32(UNDEFINED_LENGTH),
        item(content, UNDEFINED_LENGTH),
      ]);
    expect(await reason(parse(true, content, PIXELS))).toBe('BROKEN');
  });

  it('limits the bytes of all values', async () => {
    const tables = (count: number): Buffer[] =>
      Array.from({ length: count }, (_, index) =>
        Buffer.concat([tag(0x0028, 0x1201 + index), Buffer.from('OW\0\0'), uint32(3_000_000), Buffer.alloc(3_000_000)]),
      );
    expect(await reason(parse(true, ...tables(2), PIXELS))).toBeNull();
    expect(await reason(parse(true, ...tables(3), PIXELS))).toBe('TOO_MANY_PARTS');
  });

  it('refuses lengths beyond the container', async () => {
    expect(await reason(parse(true, sequence(item(text('CT'), 5_000)), PIXELS))).toBe('BROKEN');
    expect(await reason(parse(true, sequence(item(text('CT')), 7), PIXELS))).toBe('BROKEN');
    expect(await reason(parse(true, PIXELS.subarray(0, -1)))).toBe('BROKEN');
  });

  it('refuses files without pixels, and what is not a data set', async () => {
    expect(await reason(parse(true, text('CT')))).toBe('NO_PIXELS');
    expect(await reason(parse(true, ITEM_END, PIXELS))).toBe('BROKEN');
    expect(await reason(parse(true, Buffer.from('rubbish rubbish rubbish')))).toBe('BROKEN');
  });

  const modality = ({ dataset }: ParsedFile): string | undefined => dataset['00080060']?.bytes.toString();
  const unknown = (content: Buffer, group = 0x0019): Buffer =>
    Buffer.concat([tag(group, 0x1001), Buffer.from('UN\0\0'), uint32(UNDEFINED_LENGTH), content, SEQUENCE_END]);
  const implicit = (value: string): Buffer =>
    Buffer.concat([tag(0x0019, 0x1002), uint32(value.length), Buffer.from(value)]);

  it.each<[string, Buffer, DicomNote[]]>([
    ['an unknown sequence in implicit VR', unknown(item(implicit('X '))), ['UNKNOWN_SEQUENCE']],
    ['an unknown sequence without items', unknown(Buffer.alloc(0)), ['UNKNOWN_SEQUENCE']],
    [
      'an unknown sequence that is in explicit VR',
      unknown(item(Buffer.concat([text('XX'), ITEM_END]), UNDEFINED_LENGTH)),
      ['UNKNOWN_SEQUENCE', 'VR_ENCODING'],
    ],
    [
      'an unknown sequence in another',
      unknown(item(Buffer.concat([tag(0x0019, 0x1003), uint32(UNDEFINED_LENGTH), item(implicit('X ')), SEQUENCE_END]))),
      ['UNKNOWN_SEQUENCE'],
    ],
    ['a value of odd length', text('CTX'), ['ODD_LENGTH']],
    [
      'a sequence of known length that has a delimiter',
      sequence(Buffer.concat([item(text('MR')), SEQUENCE_END])),
      ['DELIMITERS'],
    ],
    [
      'an item that only the end of its sequence ends',
      sequence(Buffer.concat([item(text('MR'), UNDEFINED_LENGTH), SEQUENCE_END]), UNDEFINED_LENGTH),
      ['DELIMITERS'],
    ],
    [
      'a private element of VR SQ whose value is no sequence',
      Buffer.concat([tag(0x0019, 0x1001), Buffer.from('SQ\0\0'), uint32(10), Buffer.from('no items !')]),
      ['PRIVATE_SEQUENCE_UNREADABLE'],
    ],
    [
      'a private element that begins as an item does',
      Buffer.concat([tag(0x0019, 0x1001), Buffer.from('UN\0\0'), uint32(12), tag(0xfffe, 0xe000), Buffer.alloc(8, 7)]),
      [],
    ],
    [
      'an icon with pixels in fragments',
      sequence(
        item(
          Buffer.concat([
            tag(0x7fe0, 0x10),
            Buffer.from('OB\0\0'),
            uint32(UNDEFINED_LENGTH),
            item(Buffer.from('icon')),
            SEQUENCE_END,
          ]),
        ),
      ),
      [],
    ],
    ['an element without VR', Buffer.concat([tag(0x0008, 0x0061), uint32(2), Buffer.from('CT')]), ['VR_ENCODING']],
    [
      'a VR of a later edition',
      Buffer.concat([tag(0x0019, 0x1001), Buffer.from('ZZ\0\0'), uint32(2), Buffer.from('CT')]),
      [],
    ],
    [
      'a private value that is larger than what is held',
      Buffer.concat([tag(0x0019, 0x1001), Buffer.from('OB\0\0'), uint32(9_000_000), Buffer.alloc(9_000_000)]),
      [],
    ],
  ])('reads the elements after %s', async (_, part, notes) => {
    const parsed = await parse(
      true,
      Buffer.concat([tag(0x0008, 0x0005), Buffer.from('CS\0\0')]),
      part,
      text('US'),
      PIXELS,
    );
    expect(modality(parsed)).toBe('US');
    expect(parsed.notes.filter((note) => note !== 'ELEMENT_ORDER')).toEqual(notes);
  });

  it('reads elements after the pixels, and ignores other bytes', async () => {
    const behind = Buffer.concat([
      tag(0x7fe1, 0x1001),
      Buffer.from('SQ\0\0'),
      uint32(UNDEFINED_LENGTH),
      item(text('X ')),
      SEQUENCE_END,
    ]);
    const whole = await parse(true, text('CT'), PIXELS, behind);
    expect(whole).toMatchObject({ notes: [] });
    for (const tail of [
      Buffer.alloc(2),
      Buffer.alloc(1),
      Buffer.alloc(500),
      Buffer.from('PK\x03\x04\x14\0\0\0 and so on'),
    ]) {
      for (const explicit of [true, false]) {
        const file = explicit ? [PIXELS, behind] : [Buffer.concat([tag(0x7fe0, 0x10), uint32(4), Buffer.from('data')])];
        const parsed = await parse(explicit, ...file, tail);
        expect(parsed).toMatchObject({ end: Buffer.concat(file).length, notes: ['TRAILING_BYTES_DROPPED'] });
      }
    }
    expect(modality(await parse(true, PIXELS, text('CT')))).toBe('CT');
  });

  it('reads a data set with another encoding than its transfer syntax', async () => {
    expect(await parse(false, text('CT'), PIXELS)).toMatchObject({ notes: ['VR_ENCODING'] });
    const later = Buffer.concat([tag(0x0008, 0x0005), Buffer.from('ZZ\0\0'), uint32(2), Buffer.from('CT')]);
    expect(modality(await parse(true, later, text('CT'), PIXELS))).toBe('CT');
    const coded = Buffer.concat([
      tag(0x0008, 0x0060),
      uint32(2),
      Buffer.from('CT'),
      tag(0x7fe0, 0x10),
      uint32(4),
      Buffer.alloc(4),
    ]);
    const parsed = await parse(true, coded);
    expect([modality(parsed), parsed.notes]).toEqual(['CT', ['VR_ENCODING']]);
  });
});
