import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, stat, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { FileBytes } from '../images/file-bytes.js';
import { broken, unusable, wrongType } from '../scan.errors.js';
import { isVr, type Dictionary } from './dictionary.js';
import { getNumber, TAG, getText, type DicomDataset } from './elements.js';
import type { DicomNote } from './notes.js';
import { readHeader, tagName, UNDEFINED_LENGTH } from './element-header.js';
import { Parser, type ParsedFile, type PixelElement } from './parser.js';
import {
  DEFLATED_LITTLE,
  EXPLICIT_BIG,
  EXPLICIT_LITTLE,
  IMPLICIT_LITTLE,
  isStandardUid,
  isUid,
} from './transfer-syntax.js';

const PREAMBLE_BYTES = 128;
const PREFIX = 'DICM';
const META_START = PREAMBLE_BYTES + PREFIX.length;
const MAX_META_BYTES = 64 * 1024;
/** The maximum ratio of inflated to deflated size. Larger ratios occur only in small images, such as masks. */
const MAX_INFLATION = 50;
/** Up to this inflated size, any ratio is allowed. */
const ALWAYS_INFLATED_BYTES = 16 * 1024 * 1024;

export interface DicomFile {
  meta: DicomDataset;
  /** All attributes except the pixels. */
  dataset: DicomDataset;
  transferSyntax: string;
  pixels: PixelElement;
  /** The file to which the offsets of `pixels` refer: the upload, or the inflated data set. */
  pixelPath: string;
  notes: Set<DicomNote>;
}

interface Meta {
  dataset: DicomDataset;
  end: number;
}

/** Whether the first 132 bytes are those of a DICOM file: a preamble and `DICM`, or a header without them. */
export function looksLikeDicom(head: Buffer): boolean {
  return head.toString('latin1', PREAMBLE_BYTES, META_START) === PREFIX || headerStart(head) !== null;
}

/** The offset of the header in a file without a preamble; null for other files. */
function headerStart(head: Buffer): number | null {
  const start = head.toString('latin1', 0, 4) === PREFIX ? 4 : 0;
  if (head.length < start + 12 || head.toString('latin1', PREAMBLE_BYTES, META_START) === PREFIX) return null;
  const isHeader = head.readUInt16LE(start) === 0x0002 && head.readUInt16LE(start + 2) <= 0x0010;
  return isHeader && /^(UL|OB|UI)$/.test(head.toString('latin1', start + 4, start + 6)) ? start : null;
}

/**
 * Blanks the 128 bytes before `DICM`: DICOM does not use them, and they can make the file an executable program (CVE-2019-11687).
 * Adds 128 zero bytes and `DICM` to a file that begins with its header.
 */
export async function normalizePreamble(path: string, notes: Set<DicomNote>): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const head = Buffer.alloc(META_START);
    const { bytesRead } = await file.read(head, 0, META_START, 0);
    const start = headerStart(head.subarray(0, bytesRead));
    if (start === null) await file.write(Buffer.alloc(PREAMBLE_BYTES), 0, PREAMBLE_BYTES, 0);
    else {
      notes.add('PREAMBLE_MISSING');
      const target = join(dirname(path), 'with-preamble');
      const output = createWriteStream(target);
      output.write(Buffer.concat([Buffer.alloc(PREAMBLE_BYTES), Buffer.from(PREFIX)]));
      await pipeline(createReadStream(path, { start }), output);
      await rename(target, path);
    }
  } finally {
    await file.close();
  }
}

/**
 * Reads a DICOM part 10 file without its pixels, and removes bytes after the data set.
 * @throws DomainError UNPROCESSABLE_FILE; UNSUPPORTED_MEDIA_TYPE if the file contains an archive
 */
export async function readDicom(
  path: string,
  maxBytes: number,
  dictionary: Dictionary,
  notes: Set<DicomNote>,
): Promise<DicomFile> {
  const meta = await FileBytes.use(path, (file) => readMeta(file, dictionary, notes));
  const transferSyntax = getText(meta.dataset, TAG.transferSyntaxUid) ?? (await guessTransferSyntax(path, meta.end));
  // Private syntaxes cannot be read. The value is also stored, so it must not be a free text.
  if (!isUid(transferSyntax) || !isStandardUid(transferSyntax) || transferSyntax === EXPLICIT_BIG) {
    throw unusable('TRANSFER_SYNTAX', 'The transfer syntax is not supported.');
  }
  const isDeflated = transferSyntax === DEFLATED_LITTLE;
  const inflation = isDeflated ? await inflate(path, meta.end, maxBytes) : null;
  const pixelPath = inflation?.path ?? path;
  const parsed: ParsedFile = await FileBytes.use(pixelPath, (file) =>
    new Parser(file, dictionary, notes).parse(inflation ? 0 : meta.end, transferSyntax !== IMPLICIT_LITTLE),
  );
  await dropTrailingBytes(path, inflation?.end ?? parsed.end, isDeflated, notes);
  await assertNoArchive(path);
  return { meta: meta.dataset, ...parsed, transferSyntax, pixelPath, notes };
}

/** Reads the file meta information, which is always in explicit VR. Its length is wrong or missing in many files. */
async function readMeta(file: FileBytes, dictionary: Dictionary, notes: Set<DicomNote>): Promise<Meta> {
  if ((await file.at(PREAMBLE_BYTES, PREFIX.length)).toString('latin1') !== PREFIX) throw broken();
  const dataset: DicomDataset = {};
  let offset = META_START;
  let stated: number | null = null;
  while (offset + 8 <= file.size) {
    const { tag, vr, length, valueOffset } = await readHeader(file, offset, true);
    if (tag >>> 16 !== 0x0002) break;
    const end = valueOffset + length;
    if (length === UNDEFINED_LENGTH || end - META_START > MAX_META_BYTES) throw broken();
    const name = tagName(tag);
    dataset[name] = {
      vr: vr === '' ? (dictionary(name) ?? 'UN') : vr,
      bytes: Buffer.from(await file.at(valueOffset, length)),
      items: null,
    };
    if (name === TAG.fileMetaInformationGroupLength) stated = end + (getNumber(dataset, name) ?? NaN);
    offset = end;
  }
  if (offset === META_START) throw broken();
  const required = [TAG.mediaStorageSopClassUid, TAG.mediaStorageSopInstanceUid, TAG.transferSyntaxUid];
  if (stated !== offset || required.some((tag) => getText(dataset, tag) === null)) notes.add('HEADER_INCOMPLETE');
  return { dataset, end: offset };
}

/** Guesses the transfer syntax of a file that does not state it, by whether its first element has a VR. */
async function guessTransferSyntax(path: string, start: number): Promise<string> {
  const vr = await FileBytes.use(path, async (file) => (await file.at(start, 8)).toString('latin1', 4, 6));
  return isVr(vr) ? EXPLICIT_LITTLE : IMPLICIT_LITTLE;
}

/** Inflates the data set. Stops when the output exceeds its limit, so that a decompression bomb does not fill the disk. */
async function inflate(path: string, start: number, maxBytes: number): Promise<{ path: string; end: number }> {
  const target = join(dirname(path), 'inflated');
  const { size } = await stat(path);
  const maxInflated = Math.min(maxBytes * 4, Math.max(size * MAX_INFLATION, ALWAYS_INFLATED_BYTES));
  let count = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
      count += chunk.length;
      if (count > maxInflated) done(unusable('DECOMPRESSION', 'The inflated file is too large.'));
      else done(null, chunk);
    },
  });
  const inflater = createInflateRaw();
  try {
    await pipeline(createReadStream(path, { start }), inflater, counted, createWriteStream(target));
  } catch (error) {
    // Other errors, such as those of the disk, are not the file's fault.
    throw isZlibError(error) ? broken() : error;
  }
  return { path: target, end: start + inflater.bytesWritten };
}

const isZlibError = (error: unknown): boolean => /^Z_/.test((error as NodeJS.ErrnoException).code ?? '');

/** Removes bytes after the data set. A deflated data set may have one byte of padding (PS3.5 A.5). */
async function dropTrailingBytes(path: string, end: number, isDeflated: boolean, notes: Set<DicomNote>): Promise<void> {
  const { size } = await stat(path);
  if (size === end) return;
  if (isDeflated && size - end === 1) return;
  notes.add('TRAILING_BYTES_DROPPED');
  await truncate(path, end);
}

/** The end record of a ZIP has 22 bytes and a comment of at most 65,535; the directory's size is at offset 12. */
const ZIP_END = 'PK\x05\x06';
const ZIP_END_BYTES = 22;
const MAX_ZIP_END_BYTES = ZIP_END_BYTES + 65_535;
const ZIP_DIRECTORY_SIZE = 12;
const ZIP_DIRECTORY = 'PK\x01\x02';

/**
 * A ZIP is read from its end, so readers also find one in the last value of a DICOM file.
 * @throws DomainError UNSUPPORTED_MEDIA_TYPE
 */
async function assertNoArchive(path: string): Promise<void> {
  await FileBytes.use(path, async (file) => {
    const start = Math.max(0, file.size - MAX_ZIP_END_BYTES);
    const tail = Buffer.from(await file.at(start, file.size - start));
    for (let at = tail.indexOf(ZIP_END); at !== -1; at = tail.indexOf(ZIP_END, at + 1)) {
      if (at + ZIP_END_BYTES > tail.length) return;
      const directory = start + at - tail.readUInt32LE(at + ZIP_DIRECTORY_SIZE);
      const isDirectory = directory >= 0 && (await file.at(directory, 4)).toString('latin1') === ZIP_DIRECTORY;
      if (isDirectory) throw wrongType('The file contains an archive. Send only the image.');
    }
  });
}
