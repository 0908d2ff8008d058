import { hasLongLength, isVr } from './dictionary.js';
import type { DicomDataset, DicomElement } from './elements.js';

/** VRs that are padded with zeros to an even length, others with spaces (PS3.5 6.2). */
const ZERO_PADDED = new Set(['UI', 'OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN']);

const PREAMBLE = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]);

/** Encodes the preamble and the file meta information. */
export function writeMeta(meta: DicomDataset): Buffer {
  const version: DicomElement = { vr: 'OB', bytes: Buffer.from([0, 1]), items: null };
  const implementation: DicomElement = { vr: 'UI', bytes: Buffer.from(IMPLEMENTATION), items: null };
  const body = writeDataset({ '00020001': version, ...meta, '00020012': implementation });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([PREAMBLE, encodeElement('00020000', 'UL', length), body]);
}

/** The implementation class UID of this writer (PS3.10 7.1), under the root that needs no registration (PS3.5 B.2). */
const IMPLEMENTATION = '2.25.207853241905627198467265914327541320917';

/** Encodes a data set in explicit VR little endian, sorted by tag. Sequences and items have defined lengths. */
export function writeDataset(dataset: DicomDataset): Buffer {
  const tags = Object.keys(dataset).sort();
  return Buffer.concat(tags.map((tag) => writeElement(tag, dataset[tag] as DicomElement)));
}

function writeElement(tag: string, { vr, bytes, items }: DicomElement): Buffer {
  if (!items) return encodeElement(tag, vr, bytes);
  const content = items.map((item) => {
    const body = writeDataset(item);
    return Buffer.concat([Buffer.from([0xfe, 0xff, 0x00, 0xe0]), uint32(body.length), body]);
  });
  return encodeElement(tag, 'SQ', Buffer.concat(content));
}

function encodeElement(tag: string, vr: string, bytes: Buffer): Buffer {
  const value = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, padding(vr)]);
  // A value that is too long for its VR's length of 16 bits must be written as UN (PS3.5 6.2.2, note 4).
  const written = isVr(vr) && (hasLongLength(vr) || value.length <= 0xffff) ? vr : 'UN';
  return Buffer.concat([writeHeader(tag, written, value.length), value]);
}

/** Encodes tag, VR and length of an element. */
export function writeHeader(tag: string, vr: string, length: number): Buffer {
  const head = Buffer.alloc(hasLongLength(vr) ? 12 : 8);
  head.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), 0);
  head.writeUInt16LE(Number.parseInt(tag.slice(4), 16), 2);
  head.write(vr, 4, 'latin1');
  if (hasLongLength(vr)) head.writeUInt32LE(length, 8);
  else head.writeUInt16LE(length, 6);
  return head;
}

const padding = (vr: string): Buffer => Buffer.from(ZERO_PADDED.has(vr) ? '\0' : ' ');

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
