import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FileBytes } from '../images/file-bytes.js';
import { findPixels, type PixelElement } from './walk.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-walk-'));
});
afterAll(() => rm(folder, { recursive: true }));

const UNDEFINED = 0xffffffff;

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

async function walk(explicit: boolean, ...parts: Buffer[]): Promise<PixelElement> {
  const path = join(folder, 'file');
  await writeFile(path, Buffer.concat(parts));
  return FileBytes.use(path, (file) => findPixels(file, 0, explicit));
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

describe('the walk to the pixels', () => {
  it('goes over sequences of both kinds, and into none of the pixels', async () => {
    const defined = sequence(item(text('CT')));
    const open = sequence(
      Buffer.concat([item(Buffer.concat([text('MR'), ITEM_END]), UNDEFINED), SEQUENCE_END]),
      UNDEFINED,
    );
    const before = Buffer.concat([text('CT'), defined, open, sequence(Buffer.alloc(0))]);
    const start = before.length;
    expect(await walk(true, before, PIXELS)).toEqual({ start, offset: start + 12, length: 4, end: start + 16 });
  });

  it('finds the end of pixels in fragments', async () => {
    const head = Buffer.concat([tag(0x7fe0, 0x10), Buffer.from('OB\0\0'), uint32(UNDEFINED)]);
    const fragments = Buffer.concat([item(Buffer.alloc(0)), item(Buffer.from('abcd')), SEQUENCE_END]);
    expect(await walk(true, head, fragments, Buffer.from('behind'))).toMatchObject({
      length: null,
      end: 12 + fragments.length,
    });
  });

  it('goes no deeper than it says, however the depth is coded', async () => {
    expect(await reason(walk(true, nested(5, sequence), PIXELS))).toBeNull();
    expect(await reason(walk(true, nested(200, sequence), PIXELS))).toBe('TOO_DEEP');
    expect(await reason(walk(false, nested(200, implicitSequence)))).toBe('TOO_DEEP');
    const unknown = sequence(item(nested(200, implicitSequence)), undefined, 'UN');
    expect(await reason(walk(true, unknown, PIXELS))).toBe('TOO_DEEP');
    const open = Buffer.concat(
      Array.from({ length: 200 }, () =>
        Buffer.concat([sequence(Buffer.alloc(0), UNDEFINED), item(Buffer.alloc(0), UNDEFINED)]),
      ),
    );
    expect(await reason(walk(true, open))).toBe('TOO_DEEP');
  });

  it('counts what it steps over', async () => {
    expect(await reason(walk(true, Buffer.concat(Array.from({ length: 60_000 }, () => text('CT')))))).toBe(
      'TOO_MANY_PARTS',
    );
    const long = Buffer.concat([
      tag(0x0028, 0x1201),
      Buffer.from('OW\0\0'),
      uint32(9_000_000),
      Buffer.alloc(9_000_000),
    ]);
    expect(await reason(walk(true, long, PIXELS))).toBe('TOO_MANY_PARTS');
  });

  it('believes no length that leads outside', async () => {
    expect(await reason(walk(true, sequence(item(text('CT'), 5_000)), PIXELS))).toBe('BROKEN');
    expect(await reason(walk(true, sequence(item(text('CT')), 7), PIXELS))).toBe('BROKEN');
    expect(await reason(walk(true, ITEM_END, PIXELS))).toBe('BROKEN');
    expect(await reason(walk(true, PIXELS.subarray(0, -1)))).toBe('BROKEN');
    expect(await reason(walk(true, text('CT')))).toBe('NO_PIXELS');
    expect(await reason(walk(true, Buffer.from('rubbish rubbish rubbish')))).toBe('BROKEN');
  });
});
