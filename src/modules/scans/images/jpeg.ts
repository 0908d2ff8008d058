import { broken, unusable } from '../scan.errors.js';
import type { FileBytes } from './file-bytes.js';
import type { ImageStructure } from './structure.js';

const SOS = 0xda;
const EOI = 0xd9;
/** Progressive files of cameras have about ten scans. Each scan is a pass over the whole image. */
const MAX_SCANS = 100;
const MAX_SEGMENTS = 10_000;
/** The size of a coefficient in a decoder, which keeps all of them for progressive files. */
const COEFFICIENT_BYTES = 2;

interface Frame {
  width: number;
  height: number;
  bitDepth: number;
  components: number;
  progressive: boolean;
}

/** Reads all markers (ITU-T T.81, annex B). */
export async function readJpegStructure(file: FileBytes): Promise<ImageStructure> {
  let frame: Frame | undefined;
  let scans = 0;
  let offset = 2;
  for (let segments = 0; segments < MAX_SEGMENTS; segments += 1) {
    const marker = await readMarker(file, offset);
    offset = marker.after;
    if (marker.code === EOI) return toStructure(frame, scans, offset);
    const length = (await file.at(offset, 2)).readUInt16BE(0);
    if (length < 2) throw broken();
    if (isFrame(marker.code)) frame = parseFrame(marker.code, await file.at(offset, 8));
    offset += length;
    if (marker.code !== SOS) continue;
    scans += 1;
    if (scans > MAX_SCANS) throw unusable('TOO_MANY_SCANS', 'The image has too many scans.');
    offset = await findEndOfScan(file, offset);
  }
  throw unusable('TOO_MANY_PARTS', 'The image has too many parts.');
}

function toStructure(frame: Frame | undefined, scans: number, end: number): ImageStructure {
  if (!frame || scans === 0) throw broken();
  const { width, height, bitDepth, components, progressive } = frame;
  const heldBytes = progressive ? width * height * components * COEFFICIENT_BYTES : 0;
  return { width, height, bitDepth, frames: 1, heldBytes, end };
}

/** Reads a marker, after any number of fill bytes. */
async function readMarker(file: FileBytes, offset: number): Promise<{ code: number; after: number }> {
  if ((await file.at(offset, 1))[0] !== 0xff) throw broken();
  let after = offset + 1;
  let code = 0xff;
  while (code === 0xff) code = (await file.at(after++, 1))[0] as number;
  if (code === 0) throw broken();
  return { code, after };
}

/** SOF0 … SOF15, except DHT, JPG and DAC, which are in the same range. */
const isFrame = (code: number): boolean => code >= 0xc0 && code <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(code);

const parseFrame = (code: number, segment: Buffer): Frame => ({
  bitDepth: segment.readUInt8(2),
  height: segment.readUInt16BE(3),
  width: segment.readUInt16BE(5),
  components: segment.readUInt8(7),
  progressive: (code & 3) === 2,
});

/** The end of the entropy-coded data: the first marker that is neither a stuffed byte nor a restart marker. */
async function findEndOfScan(file: FileBytes, start: number): Promise<number> {
  for (let offset = start; ;) {
    const chunk = await file.from(offset);
    if (chunk.length < 2) throw broken();
    for (let at = chunk.indexOf(0xff); at !== -1 && at + 1 < chunk.length; at = chunk.indexOf(0xff, at + 1)) {
      const next = chunk[at + 1] as number;
      if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return offset + at;
    }
    // The last byte may be the first byte of a marker.
    offset += chunk.length - 1;
  }
}
