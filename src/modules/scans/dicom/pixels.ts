import { open, type FileHandle } from 'node:fs/promises';
import type { DicomDataset } from 'dcmjs';
import { unusable } from '../scan.errors.js';
import type { DicomFile } from './dicom-file.js';
import { numberOf, TAG, textOf } from './elements.js';
import { isNative } from './transfer-syntax.js';

/** Why there is no picture of a file. */
export type NoPicture = 'COMPRESSED_TRANSFER_SYNTAX' | 'PIXEL_FORMAT';

export interface PixelFormat {
  rows: number;
  columns: number;
  frames: number;
  samples: number;
  bitsAllocated: number;
  bitsStored: number;
  signed: boolean;
  photometric: string;
}

/** Pixels ready to be shown: greys, or red, green and blue, of 8 bits. */
export interface Frame {
  data: Uint8Array;
  width: number;
  height: number;
  channels: 1 | 3;
}

/** Longest side of the rendered frame: every n-th pixel is read, so that memory does not grow with the image. */
const RENDERED_SIDE = 1024;
const MOST_BITS = 64;
/** Rows, columns and samples have 16 bits; frames their own limit. */
const MOST_COUNT = 2 ** 31 - 1;

/** @throws DomainError UNPROCESSABLE_FILE for pixels that can't be, are too many, or are not there */
export function pixelFormat(file: DicomFile, limits: { maxPixels: number; maxFrames: number }): PixelFormat {
  const { dataset, pixels, transferSyntax } = file;
  const format: PixelFormat = {
    rows: numberOf(dataset, TAG.rows) ?? 0,
    columns: numberOf(dataset, TAG.columns) ?? 0,
    frames: numberOf(dataset, TAG.frames) ?? 1,
    samples: numberOf(dataset, TAG.samplesPerPixel) ?? 1,
    bitsAllocated: numberOf(dataset, TAG.bitsAllocated) ?? 0,
    bitsStored: numberOf(dataset, TAG.bitsStored) ?? numberOf(dataset, TAG.bitsAllocated) ?? 0,
    signed: numberOf(dataset, TAG.pixelRepresentation) === 1,
    photometric: textOf(dataset, TAG.photometric) ?? '',
  };
  const { rows, columns, frames, samples, bitsAllocated, bitsStored } = format;
  const counts = [rows, columns, frames, samples, bitsAllocated, bitsStored];
  const isSane = counts.every((value) => Number.isInteger(value) && value > 0 && value <= MOST_COUNT);
  if (
    !isSane ||
    bitsAllocated > MOST_BITS ||
    bitsStored > bitsAllocated ||
    (pixels.length === null) === isNative(transferSyntax)
  ) {
    throw unusable('BROKEN', 'The file does not say how to read its pixels.');
  }
  if (rows * columns > limits.maxPixels) throw unusable('TOO_MANY_PIXELS', 'The image has too many pixels.');
  if (frames > limits.maxFrames) throw unusable('TOO_MANY_FRAMES', 'The image has too many frames.');
  const bits = rows * columns * frames * samples * bitsAllocated;
  if (pixels.length !== null && pixels.length < Math.ceil(bits / 8)) {
    throw unusable('BROKEN', 'The file has fewer pixels than it says.');
  }
  return format;
}

/** Whether this can be shown here; compressed pixels need codecs that are not part of this. */
export function whyNoPicture(file: DicomFile, { samples, bitsAllocated, photometric }: PixelFormat): NoPicture | null {
  if (!isNative(file.transferSyntax)) return 'COMPRESSED_TRANSFER_SYNTAX';
  const isGrey = samples === 1 && /^MONOCHROME[12]$/.test(photometric) && [8, 16].includes(bitsAllocated);
  const isColour = samples === 3 && photometric === 'RGB' && bitsAllocated === 8;
  const isInterleaved = (numberOf(file.dataset, TAG.planarConfiguration) ?? 0) === 0;
  return isGrey || (isColour && isInterleaved) ? null : 'PIXEL_FORMAT';
}

/** The first frame as a picture of at most 1024 pixels a side, by rescale and window (PS3.3 C.11.1 and C.11.2). */
export async function renderFrame(file: DicomFile, format: PixelFormat): Promise<Frame> {
  const step = Math.ceil(Math.max(format.rows, format.columns) / RENDERED_SIDE);
  const width = Math.ceil(format.columns / step);
  const height = Math.ceil(format.rows / step);
  const handle = await open(file.pixelPath, 'r');
  try {
    const bytes = await sampled(handle, file.pixels.offset, format, step);
    const channels = format.samples === 3 ? 3 : 1;
    const data = channels === 3 ? bytes : windowed(valuesOf(bytes, format), file.dataset, format.photometric);
    return { data, width, height, channels };
  } finally {
    await handle.close();
  }
}

/** Every n-th pixel of every n-th row, as it stands in the file. */
async function sampled(handle: FileHandle, offset: number, format: PixelFormat, step: number): Promise<Buffer> {
  const { rows, columns, samples, bitsAllocated } = format;
  const pixelBytes = (samples * bitsAllocated) / 8;
  const row = Buffer.alloc(columns * pixelBytes);
  const width = Math.ceil(columns / step);
  const result = Buffer.alloc(width * Math.ceil(rows / step) * pixelBytes);
  let next = 0;
  for (let y = 0; y < rows; y += step) {
    await handle.read(row, 0, row.length, offset + y * row.length);
    for (let x = 0; x < columns; x += step) {
      row.copy(result, next, x * pixelBytes, (x + 1) * pixelBytes);
      next += pixelBytes;
    }
  }
  return result;
}

/** Stored values: the bits that count, with their sign. */
function valuesOf(bytes: Buffer, { bitsAllocated, bitsStored, signed }: PixelFormat): Float64Array {
  const wide = bitsAllocated === 16;
  const values = new Float64Array(wide ? bytes.length / 2 : bytes.length);
  const range = 2 ** Math.min(bitsStored, bitsAllocated);
  for (let index = 0; index < values.length; index += 1) {
    const stored = (wide ? bytes.readUInt16LE(index * 2) : (bytes[index] as number)) % range;
    values[index] = signed && stored >= range / 2 ? stored - range : stored;
  }
  return values;
}

function windowed(values: Float64Array, dataset: DicomDataset, photometric: string): Uint8Array {
  const slope = numberOf(dataset, TAG.rescaleSlope) ?? 1;
  const intercept = numberOf(dataset, TAG.rescaleIntercept) ?? 0;
  for (let index = 0; index < values.length; index += 1) values[index] = (values[index] as number) * slope + intercept;
  const { low, high } = windowOf(values, dataset);
  const span = high - low || 1;
  const inverted = photometric === 'MONOCHROME1';
  return Uint8Array.from(values, (value) => {
    const grey = Math.round((Math.min(Math.max(value, low), high) - low) * (255 / span));
    return inverted ? 255 - grey : grey;
  });
}

/** The file's own window, or all that there is. The linear function of C.11.2.1.2.1, with its half steps. */
function windowOf(values: Float64Array, dataset: DicomDataset): { low: number; high: number } {
  const center = numberOf(dataset, TAG.windowCenter);
  const width = numberOf(dataset, TAG.windowWidth);
  if (center !== null && width !== null && width >= 1) {
    return { low: center - 0.5 - (width - 1) / 2, high: center - 0.5 + (width - 1) / 2 };
  }
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}
