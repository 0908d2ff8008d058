import { deflateRawSync } from 'node:zlib';
import dcmjs from 'dcmjs';

export const SECRET = 'CANARY^Patient';

export const element = (vr: string, ...Value: unknown[]): { vr: string; Value: unknown[] } => ({ vr, Value });

export interface DicomOptions {
  syntax?: string;
  rows?: number;
  columns?: number;
  /** Pixel values of 16 bits; default: a ramp. */
  values?: Int16Array | Uint16Array;
  extra?: Record<string, { vr: string; Value: unknown[] }>;
  without?: string[];
  metaSopInstanceUid?: string;
  preamble?: string;
}

const SOP_CLASS = '1.2.840.10008.5.1.4.1.1.2';
export const SOP_INSTANCE = '1.2.3.4.5.6';
const STUDY = '1.2.3.4.5';
export const EXPLICIT = '1.2.840.10008.1.2.1';
export const IMPLICIT = '1.2.840.10008.1.2';
export const DEFLATED = '1.2.840.10008.1.2.1.99';
export const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';

/** A small CT slice with a name, dates, a private tag and a nested sequence. */
export function dicom(options: DicomOptions = {}): Buffer {
  const { rows = 32, columns = 48, syntax = EXPLICIT } = options;
  const values =
    options.values ?? Int16Array.from({ length: rows * columns }, (_, index) => (index % columns) * 20 - 100);
  const pixels = values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength);
  const dataset: Record<string, { vr: string; Value: unknown[] }> = {
    '00080005': element('CS', 'ISO_IR 192'),
    '00080008': element('CS', 'ORIGINAL', 'PRIMARY', 'AXIAL'),
    '00080016': element('UI', SOP_CLASS),
    '00080018': element('UI', SOP_INSTANCE),
    '00080020': element('DA', '20260102'),
    '00080030': element('TM', '101112'),
    '00080050': element('SH', 'ACC-CANARY'),
    '00080060': element('CS', 'CT'),
    '00080080': element('LO', 'CANARY Hospital'),
    '00080090': element('PN', 'CANARY^Doctor'),
    '00081030': element('LO', 'CANARY study'),
    '00081140': element('SQ', {
      '00081150': element('UI', SOP_CLASS),
      '00081155': element('UI', '1.2.3.4.5.7'),
      '00104000': element('LT', 'CANARY nested'),
    }),
    '00090010': element('LO', 'CANARY PRIVATE'),
    '00091001': element('LO', 'CANARY private value'),
    '00100010': element('PN', SECRET),
    '00100020': element('LO', 'MRN-CANARY'),
    '00100030': element('DA', '19880402'),
    '00100040': element('CS', 'F'),
    '00180015': element('CS', 'HEAD'),
    '0020000D': element('UI', STUDY),
    '0020000E': element('UI', '1.2.3.4.5.1'),
    '00200010': element('SH', 'CANARY'),
    '00204000': element('LT', 'CANARY comment'),
    '00280002': element('US', 1),
    '00280004': element('CS', 'MONOCHROME2'),
    '00280010': element('US', rows),
    '00280011': element('US', columns),
    '00280030': element('DS', 0.5, 0.5),
    '00280100': element('US', 16),
    '00280101': element('US', 16),
    '00280102': element('US', 15),
    '00280103': element('US', 1),
    '00281050': element('DS', 40),
    '00281051': element('DS', 400),
    '7FE00010': element('OW', pixels),
    ...options.extra,
  };
  for (const tag of options.without ?? []) delete dataset[tag];
  const dict = new dcmjs.data.DicomDict({
    '00020002': element('UI', SOP_CLASS),
    '00020003': element('UI', options.metaSopInstanceUid ?? SOP_INSTANCE),
    '00020010': element('UI', syntax === DEFLATED ? EXPLICIT : syntax),
  });
  dict.dict = dataset;
  const bytes = Buffer.from(dict.write({ fragmentMultiframe: false }));
  if (options.preamble) bytes.write(options.preamble, 0, 'latin1');
  return syntax === DEFLATED ? deflated(bytes) : bytes;
}

/** The same file with a deflated data set, as its header states. */
export function deflated(bytes: Buffer, tail?: Buffer): Buffer {
  const metaEnd = 128 + 4 + 12 + bytes.readUInt32LE(128 + 4 + 8);
  const head = Buffer.from(bytes.subarray(0, metaEnd));
  const at = head.indexOf(`${EXPLICIT}\0`);
  const longer = Buffer.concat([head.subarray(0, at), Buffer.from(DEFLATED), head.subarray(at + EXPLICIT.length + 1)]);
  longer.writeUInt16LE(DEFLATED.length, at - 2);
  longer.writeUInt32LE(longer.length - 128 - 4 - 12, 128 + 4 + 8);
  return Buffer.concat([longer, deflateRawSync(tail ?? bytes.subarray(metaEnd))]);
}

/** Parses a file. */
export function parsed(bytes: Buffer): { meta: any; dict: any } {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  return dcmjs.data.DicomMessage.readFile(buffer);
}

/** The bytes of an element in explicit VR little endian. */
export function rawElement(tag: string, vr: string, value: Buffer): Buffer {
  const isLong = /^(O[BDFLVW]|SQ|SV|U[CNRTV])$/.test(vr);
  const head = Buffer.alloc(isLong ? 12 : 8);
  tagBytes(tag).copy(head);
  head.write(vr, 4);
  if (isLong) head.writeUInt32LE(value.length, 8);
  else head.writeUInt16LE(value.length, 6);
  return Buffer.concat([head, value]);
}

/** The file with bytes inserted before the first element with a tag. */
export function insertBefore(bytes: Buffer, tag: string, inserted: Buffer): Buffer {
  const at = bytes.indexOf(tagBytes(tag), 132);
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
}

function tagBytes(tag: string): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), 0);
  bytes.writeUInt16LE(Number.parseInt(tag.slice(4), 16), 2);
  return bytes;
}

/** A file whose parsing takes seconds: one element with very many UIDs, each of which is replaced in the de-identified copy. */
export function fileWithManyUids(bytes: number): Buffer {
  const file = dicom({ syntax: IMPLICIT });
  const at = file.indexOf(Buffer.from([0x10, 0, 0x10, 0]), 132);
  const head = Buffer.from([0x08, 0, 0x55, 0x11, 0, 0, 0, 0]);
  head.writeUInt32LE(bytes, 4);
  return Buffer.concat([file.subarray(0, at), head, Buffer.from('1\\'.repeat(bytes / 2)), file.subarray(at)]);
}
