import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import type { DicomDataset } from 'dcmjs';
import { DomainError } from '../../../core/kernel/domain-error.js';
import { FileBytes } from '../images/file-bytes.js';
import { broken, unusable } from '../scan.errors.js';
import {
  DEFLATED_LITTLE,
  EXPLICIT_BIG,
  EXPLICIT_LITTLE,
  IMPLICIT_LITTLE,
  isOfStandard,
  isUid,
} from './transfer-syntax.js';
import { assertNothingBehind, elementAt, findPixels, type PixelElement } from './walk.js';

const PREAMBLE_BYTES = 128;
const META_START = PREAMBLE_BYTES + 4;
const MOST_META_BYTES = 64 * 1024;
/** Deflate packs zeros a thousandfold; no image packs so well. */
const MOST_INFLATION = 50;

export interface DicomFile {
  meta: DicomDataset;
  /** Everything up to the pixels. */
  dataset: DicomDataset;
  transferSyntax: string;
  pixels: PixelElement;
  /** The file that `pixels` counts in: the upload itself, or what was inflated of it. */
  pixelPath: string;
}

/** Loaded with the first DICOM file: the dictionary alone takes some 20 MiB. */
export async function loadDcmjs(): Promise<typeof import('dcmjs').default> {
  const { default: dcmjs } = await import('dcmjs');
  // It would print values of elements that it finds odd.
  dcmjs.log.setLevel('silent', false);
  dcmjs.log.getLogger('validation.dcmjs').setLevel('silent', false);
  return dcmjs;
}

/** The 128 bytes before `DICM` mean nothing to DICOM, and let a file be a program as well (CVE-2019-11687). */
export async function zeroPreamble(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.write(Buffer.alloc(PREAMBLE_BYTES), 0, PREAMBLE_BYTES, 0);
  } finally {
    await file.close();
  }
}

/**
 * Reads a DICOM part 10 file, all but its pixels.
 * @throws DomainError UNPROCESSABLE_FILE
 */
export async function readDicom(path: string, maxBytes: number): Promise<DicomFile> {
  const { transferSyntax, metaEnd } = await FileBytes.use(path, readMeta);
  // Of others nobody knows how to read them. What stands there is passed on, so it must be no text of somebody's.
  if (!isUid(transferSyntax) || !isOfStandard(transferSyntax) || transferSyntax === EXPLICIT_BIG) {
    throw unusable('TRANSFER_SYNTAX', 'The transfer syntax is not one that is taken.');
  }
  const deflated = transferSyntax === DEFLATED_LITTLE;
  const pixelPath = deflated ? await inflated(path, metaEnd, maxBytes) : path;
  const start = deflated ? 0 : metaEnd;
  const explicit = transferSyntax !== IMPLICIT_LITTLE;
  const pixels = await FileBytes.use(pixelPath, async (file) => {
    const found = await findPixels(file, start, explicit);
    await assertNothingBehind(file, found.end, explicit);
    return found;
  });
  const head = await bytesOf(path, 0, metaEnd);
  const body = await bytesOf(pixelPath, start, pixels.start);
  const { meta, dataset } = await parse(head, body, deflated);
  return { meta, dataset, transferSyntax, pixels, pixelPath };
}

async function readMeta(file: FileBytes): Promise<{ transferSyntax: string; metaEnd: number }> {
  if ((await file.at(PREAMBLE_BYTES, 4)).toString('latin1') !== 'DICM') throw broken();
  const first = await elementAt(file, META_START, true);
  if (first.tag !== 0x00020000 || first.length !== 4) throw broken();
  const metaEnd = first.value + 4 + (await file.at(first.value, 4)).readUInt32LE(0);
  if (metaEnd - META_START > MOST_META_BYTES) throw broken();
  for (let offset = first.value + 4; offset < metaEnd;) {
    const { tag, length, value } = await elementAt(file, offset, true);
    if (value + length > metaEnd) throw broken();
    if (tag === 0x00020010) {
      const transferSyntax = (await file.at(value, length)).toString('latin1').replace(/[\0 ]+$/, '');
      return { transferSyntax, metaEnd };
    }
    offset = value + length;
  }
  throw broken();
}

/** What comes out is counted as it comes, so that a bomb is noticed when it has filled the allowance, not the disk. */
async function inflated(path: string, start: number, maxBytes: number): Promise<string> {
  const target = join(dirname(path), 'inflated');
  const { size } = await FileBytes.use(path, (file) => Promise.resolve({ size: file.size }));
  const allowance = Math.min(maxBytes * 4, size * MOST_INFLATION);
  let count = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
      count += chunk.length;
      if (count > allowance) done(unusable('DECOMPRESSION', 'The file grows too large when it is unpacked.'));
      else done(null, chunk);
    },
  });
  try {
    await pipeline(createReadStream(path, { start }), createInflateRaw(), counted, createWriteStream(target));
  } catch (error) {
    throw error instanceof DomainError ? error : broken();
  }
  return target;
}

function bytesOf(path: string, start: number, end: number): Promise<Buffer> {
  return FileBytes.use(path, async (file) => Buffer.from(await file.at(start, end - start)));
}

async function parse(
  head: Buffer,
  body: Buffer,
  deflated: boolean,
): Promise<{ meta: DicomDataset; dataset: DicomDataset }> {
  const dcmjs = await loadDcmjs();
  // What was inflated is plain explicit little endian; dcmjs must not inflate it again.
  const fixed = deflated ? withSyntax(head) : head;
  const whole = Buffer.concat([fixed, body]);
  const buffer = whole.buffer.slice(whole.byteOffset, whole.byteOffset + whole.length);
  try {
    // The structure was walked already; what it may stumble over are character sets and values of private elements.
    const { meta, dict } = dcmjs.data.DicomMessage.readFile(buffer, { ignoreErrors: true });
    return { meta, dataset: dict };
  } catch {
    throw broken();
  }
}

/** The same length, or the offsets in the header would not hold. */
function withSyntax(head: Buffer): Buffer {
  const text = head.toString('latin1');
  const padded = EXPLICIT_LITTLE.padEnd(DEFLATED_LITTLE.length, '\0');
  return Buffer.from(text.replace(DEFLATED_LITTLE, padded), 'latin1');
}
